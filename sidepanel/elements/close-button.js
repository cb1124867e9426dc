import { h } from "../dom.js";
import { icon } from "../icons.js";
import { S } from "../strings.js";

/** The cross at the head of a sheet or drawer. @param {() => void} close */
export const closeButton = (close) =>
  h(
    "button",
    { type: "button", class: "quiet", "aria-label": S.close, title: S.close, onclick: close },
    icon("close"),
  );
