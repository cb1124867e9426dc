/** Words of the view "What is read". */

const number = (/** @type {number} */ n) => n.toLocaleString();

export const R = {
  title: "What is read",
  choose: "Read",
  page: "Main text",
  whole: "Whole page",
  selection: "Selection",
  section: "A section",
  which_section: "Section",
  loading: "Reading the page …",
  share: (/** @type {number} */ read, /** @type {number} */ seen) => {
    const percent = seen ? Math.round((100 * read) / seen) : 100;
    // Rounding must not claim all of it.
    const shown = percent === 100 && read < seen ? 99 : percent;
    return `${shown} % of what the page shows: ${number(read)} of ${number(seen)} characters`;
  },
  selected: (/** @type {number} */ chars) => `${number(chars)} characters are selected`,
  cut: (/** @type {number} */ total) =>
    `The page is very long: of its ${number(total)} characters only the beginning is read.`,
  text: "The text that is read, exactly",
  left_out: (/** @type {number} */ chars) => `Left out: ${number(chars)} characters`,
  nothing_left_out: "Nothing was left out.",
  reason: {
    menu: "Menus, page head and foot",
    control: "Buttons",
    aside: "Side matter: advertisements, sharing, notices",
    links: "Rows of links",
    hidden: "Text that cannot be seen. It is not shown here either: it may be a trick",
    other: "Not part of the main text",
  },
  chars: (/** @type {number} */ n) => `${number(n)} characters`,
  frames: (/** @type {number} */ n) =>
    n === 1
      ? "One part of the page belongs to another site and is not read."
      : `${number(n)} parts of the page belong to other sites and are not read.`,
  no_sections: "The page has no headings to choose by.",
  attach: "Attach this text",
  model_limit:
    "How much of it a model takes depends on its context window; each answer tells the share.",
};
