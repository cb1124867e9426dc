/** The engine worker as shipped, plus a way to lose its graphics device. */

import "../../../offscreen/engine/worker.js";
import { allowLosingTheDevice } from "./lose_device.js";

allowLosingTheDevice();
