"""Full-size libraries with random weights on a graphics card: error, speed, where time goes.

    python -m bench.device.run CHROMIUM LIBRARIES OUT NAME...

LIBRARIES holds NAME.wasm, NAME.metadata.json and the built page (`bench.device.build`); OUT gets
NAME.json. `python -m bench.device.record` makes bench/results/ of these. Flags come from
CHROMIUM_FLAGS. Needs PyTorch with CUDA, aiohttp and tokenizers; no Playwright.
"""

from __future__ import annotations

import asyncio
import functools
import http.server
import json
import os
import shutil
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from bench.device.browser import Browser, PageError
from bench.device.reference import Reference
from bench.device.weights import write
from models.decoder.names import NAMES

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "models/prebuilt/tiny/resolve/main"
WORDS = "river stone cloud moon bread green east link bridge star".split()
CONTEXT, NEW, STEPS, SEED = 4096, 128, 6, 20
PROMPTS = {"short": 40, "long": 1000}
FEATURES = "--enable-dawn-features=vulkan_enable_f16_on_nvidia,allow_unsafe_apis"


def words(count: int) -> str:
    """`count` words in an order that repeats little."""
    return " ".join(WORDS[(i * 3 + i // 7) % len(WORDS)] for i in range(count))


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a line per request."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        del format, args

    def copyfile(self, source: Any, outputfile: Any) -> None:
        shutil.copyfileobj(source, outputfile, 8 * 2**20)


def prompt_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """The prompt of one user message in the base folder's chat format."""
    system = json.loads((BASE / "mlc-chat-config.json").read_text())["conv_template"]
    told = f"<|im_start|>system\n{system['system_message']}<|im_end|>\n"
    told += f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"
    return list(tokenizer.encode(told).ids)


def errors(
    reference: Reference, tokenizer: Tokenizer, ids: list[int], told: dict[str, Any]
) -> dict[str, Any]:
    """Largest and mean distance of the reported log-probabilities from the reference's."""
    assert told["prompt_tokens"] == len(ids), (told["prompt_tokens"], len(ids))
    texts: dict[str, list[int]] = {}
    for token in range(reference.c["vocabulary_tokens"]):
        texts.setdefault(tokenizer.decode([token], False), []).append(token)
    plain = reference.scores(ids, 1)[0]
    found: list[float] = []
    agreed = 0
    for step in told["steps"]:
        token = min(texts[step["token"]], key=lambda t: abs(float(plain[t]) - step["logprob"]))
        agreed += int(token == int(plain.argmax()))
        for entry in step["top"]:
            near = [abs(float(plain[t]) - entry["logprob"]) for t in texts[entry["token"]]]
            found.append(min(near))
        ids = [*ids, token]
        plain = reference.scores(ids, 1)[0]
    return {
        "compared": len(found),
        "worst_logprob_error": max(found),
        "mean_logprob_error": sum(found) / len(found),
        "same_best_token": agreed,
        "steps": len(told["steps"]),
    }


async def case(browser: Browser, name: str, libraries: Path, site: Path) -> dict[str, Any]:
    """Everything measured of one library."""
    architecture = name.partition("@")[0]
    c = json.loads((ROOT / f"models/architectures/{architecture}.json").read_text())
    metadata = json.loads((libraries / f"{name}.metadata.json").read_text())
    shutil.copyfile(libraries / f"{name}.wasm", site / f"{name}.wasm")
    started = time.monotonic()
    folder = site / name
    stored = write(folder, metadata, BASE, c["vocabulary_tokens"], SEED)
    weights = sum(t.numel() * t.element_size() for t in stored.values())
    # A tied embedding is read as the output; an untied one is only looked up.
    read = weights
    if not c["tied_output"]:
        read -= sum(t.numel() * t.element_size() for n, t in stored.items() if "emb" in n)
    result: dict[str, Any] = {"name": name, "weight_bytes": weights, "read_bytes": read}
    result["weights_s"] = time.monotonic() - started
    record = {"folder": name, "library": f"{name}.wasm", "context_window_tokens": CONTEXT}
    result["load_s"] = await browser.call("load", record, 120)
    tokenizer = Tokenizer.from_file(str(folder / "resolve/main/tokenizer.json"))
    for kind, count in PROMPTS.items():
        ask = {"text": words(count), "max_tokens": NEW}
        await browser.call("speed", ask, 60)
        runs = [await browser.call("speed", ask, 60) for _ in range(3)]
        result[f"speed_{kind}"] = runs
        print(
            name,
            kind,
            [(round(r["prefill_tokens_per_s"]), round(r["decode_tokens_per_s"], 1)) for r in runs],
            flush=True,
        )
        waits = await browser.call("profiled", {**ask, "kernels": False}, 60)
        result[f"waits_{kind}"] = waits
        ask = {"text": words(count), "max_tokens": 16, "kernels": True}
        result[f"kernels_{kind}"] = await browser.call("profiled", ask, 60)
    reference = Reference(c, stored, NAMES[c["family"]])
    half = Reference(c, stored, NAMES[c["family"]], torch.float16)
    for kind, count in PROMPTS.items():
        ask = {"text": words(count), "max_tokens": STEPS}
        told = await browser.call("logprobs", ask, 90)
        ids = prompt_ids(tokenizer, words(count))
        result[f"error_{kind}"] = errors(reference, tokenizer, ids, told)
        exact, rough = reference.scores(ids, 1)[0], half.scores(ids, 1)[0]
        best = exact.topk(5).indices
        result[f"error_{kind}"]["torch_half"] = float((exact - rough)[best].abs().max())
        print(name, kind, result[f"error_{kind}"], flush=True)
    return result


async def main(chromium: str, libraries: Path, out: Path, names: list[str]) -> int:
    """Measure all; returns 1 when one failed."""
    site = Path(os.environ.get("SITE", "/dev/shm/site"))
    shutil.rmtree(site, ignore_errors=True)
    os.makedirs(site)
    for file in ("index.html", "page.js"):
        shutil.copyfile(libraries / file, site / file)
    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/index.html"
    flags = [*os.environ["CHROMIUM_FLAGS"].split(), FEATURES, "--enable-webgpu-developer-features"]
    failed = 0
    for name in names:
        started = time.monotonic()
        try:
            async with Browser(chromium, flags, url) as browser:
                await browser.evaluate(
                    "(async () => { while (!globalThis.device) await new Promise((r) =>"
                    " setTimeout(r, 50)) })()",
                    20,
                )
                adapter = None
                while adapter is None and time.monotonic() - started < 40:
                    adapter = await browser.evaluate("device.adapter()", 20)
                    await asyncio.sleep(0.3)
                if adapter is None:
                    raise PageError("no WebGPU adapter")
                async with asyncio.timeout(240):
                    result = {"adapter": adapter, **await case(browser, name, libraries, site)}
        except (PageError, TimeoutError, AssertionError, RuntimeError, KeyError) as error:
            traceback.print_exc()
            result = {"name": name, "failed": f"{type(error).__name__}: {error}"}
            failed = 1
        result["total_s"] = time.monotonic() - started
        (out / f"{name.replace(chr(64), chr(46))}.json").write_text(json.dumps(result, indent=1))
        print(name, "took", round(result["total_s"], 1), "s", flush=True)
        shutil.rmtree(site / name, ignore_errors=True)
        torch.cuda.empty_cache()
    server.shutdown()
    return failed


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])))
