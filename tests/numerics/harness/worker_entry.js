/** The engine worker as shipped, plus a way to lose its graphics device. */

import "./lose_device.js";
import "../../../offscreen/engine/worker.js";
