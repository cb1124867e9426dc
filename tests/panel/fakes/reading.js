/** A page as the background reads it: main text, whole page, selection. */

const MAIN =
  "# How lighthouses were lit\n\nFor two hundred years the keeper's first task at dusk was to trim a wick.\n\n## Oil\n\nRapeseed oil burned with a clear flame, but it thickened in the cold. Keepers warmed it on the stove.\n\n## Gas\n\nYear | Fuel\n1858 | coal gas\n1901 | acetylene";
const MENU = "Home\nTours\nShop";
const at = (title, level, from, to) => ({
  title,
  level,
  start: MAIN.indexOf(from),
  end: to ? MAIN.indexOf(to) - 2 : MAIN.length,
});
const chars = (text) => text.replace(/\s+/g, "").length;

const SHARE = {
  read_chars: chars(MAIN),
  seen_chars: chars(MAIN) + 44,
  dropped: [
    { reason: "menu", chars: 20, sample: "Home · Tours · Shop · Contact" },
    { reason: "aside", chars: 24, sample: "Our newsletter every Friday" },
    { reason: "hidden", chars: 61, sample: "" },
  ],
  sections: [
    at("How lighthouses were lit", 1, "# How"),
    at("Oil", 2, "## Oil", "## Gas"),
    at("Gas", 2, "## Gas"),
  ],
  closed_frames: 1,
};

export function readPage(mode, page) {
  const text = { page: MAIN, whole: `${MENU}\n\n${MAIN}`, selection: "trim a wick" }[mode];
  const share = { page: SHARE, whole: wholeOf(), selection: null }[mode];
  const block = {
    kind: mode === "selection" ? "selection" : "page",
    origin: page.origin,
    trust: "untrusted",
    title: page.title,
    url: `${page.origin}/lights`,
    text,
    total_chars: text.length,
    truncated: false,
  };
  return { block, page, share };
}

const wholeOf = () => ({
  ...SHARE,
  read_chars: SHARE.seen_chars,
  dropped: SHARE.dropped.filter(({ reason }) => reason === "hidden"),
});
