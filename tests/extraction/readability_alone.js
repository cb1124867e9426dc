/** For the comparison: the library as its authors show it, on a copy of the page. */
import { Readability } from "@mozilla/readability";

globalThis.readabilityAlone = () => {
  const copy = /** @type {Document} */ (document.cloneNode(true));
  return new Readability(copy).parse()?.textContent ?? "";
};
