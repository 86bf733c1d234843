/** The playground: `<play-ground data-url data-token>`; one prompt, two models side by side, streamed, terms marked. */
import { number } from "../live/format";
import { readServerSentEvents } from "./sse";
import { markTerms, type TermForm } from "./terms";

interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: { readonly completion_tokens: number } | null;
  readonly error?: { readonly message: string };
}

export class PlayGround extends HTMLElement {
  private running: AbortController | null = null;
  private terms: readonly TermForm[] = [];

  connectedCallback(): void {
    const form = this.querySelector("form");
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.ask(new FormData(form));
    });
    form?.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        form.requestSubmit();
      }
    });
    this.querySelector("[data-stop]")?.addEventListener("click", () => this.running?.abort());
    for (const example of this.querySelectorAll<HTMLButtonElement>("[data-example]")) {
      example.addEventListener("click", () => {
        const box = form?.elements.namedItem("prompt");
        if (box instanceof HTMLTextAreaElement) {
          box.value = example.dataset.example ?? "";
          box.focus();
        }
      });
    }
    const list = document.getElementById(this.dataset.terms ?? "");
    if (list?.textContent) {
      this.terms = JSON.parse(list.textContent) as TermForm[];
    }
  }

  private async ask(data: FormData): Promise<void> {
    const prompt = String(data.get("prompt") ?? "").trim();
    if (!prompt || this.running) {
      return;
    }
    this.running = new AbortController();
    this.toggleAttribute("data-running", true);
    const messages = [{ role: "user", content: prompt }];
    const system = String(data.get("system") ?? "").trim();
    if (system) {
      messages.unshift({ role: "system", content: system });
    }
    const sampling = {
      temperature: Number(data.get("temperature") ?? 0),
      top_p: Number(data.get("top_p") ?? 1),
      max_tokens: Number(data.get("max_tokens") ?? 128),
      seed: Number(data.get("seed") ?? 7),
    };
    const panes = [...this.querySelectorAll<HTMLElement>("[data-pane]")];
    await Promise.all(
      panes.map((pane) => this.stream(pane, { ...sampling, messages }, this.running?.signal)),
    );
    this.running = null;
    this.toggleAttribute("data-running", false);
  }

  private post(body: object, signal: AbortSignal | undefined): Promise<Response> {
    return fetch(this.dataset.url ?? "", {
      method: "POST",
      signal: signal ?? null,
      headers: { "content-type": "application/json", "x-csrftoken": this.dataset.token ?? "" },
      body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    });
  }

  private async stream(
    pane: HTMLElement,
    body: object,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const answer = pane.querySelector<HTMLElement>("[data-answer]");
    const figures = pane.querySelector<HTMLElement>("[data-figures]");
    const select = pane.querySelector("select");
    if (!answer || !figures || !select) {
      return;
    }
    answer.textContent = "";
    answer.dataset.state = "waiting";
    figures.textContent = "";
    const began = performance.now();
    let first = 0;
    let text = "";
    let count = 0;
    try {
      const reply = await this.post({ ...body, model: select.value }, signal);
      for await (const chunk of chunksOf(reply)) {
        const piece = pieceOf(chunk);
        if (piece) {
          first ||= performance.now();
          text += piece;
          answer.dataset.state = "streaming";
          markTerms(answer, text, this.terms);
        }
        count = chunk.usage?.completion_tokens ?? count;
      }
      answer.dataset.state = "done";
    } catch (error) {
      if (!signal?.aborted) {
        answer.dataset.state = "failed";
        answer.textContent = told(error);
        return;
      }
      answer.dataset.state = "stopped";
    }
    const seconds = (performance.now() - first) / 1000;
    if (first && count > 1) {
      const ttft = `${this.dataset.labelFirst ?? ""} ${number(Math.round(first - began))} ms`;
      figures.textContent = `${count} ${this.dataset.labelTokens ?? ""} · ${((count - 1) / seconds).toFixed(1)} tok/s · ${ttft}`;
    }
  }
}

/** The text that a chunk adds. */
function pieceOf(chunk: Chunk): string {
  return chunk.choices?.[0]?.delta?.content ?? "";
}

/** What a person is told of an error. */
function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The chunks of one streamed answer. Throws what the server says went wrong, before or in the middle. */
async function* chunksOf(reply: Response): AsyncGenerator<Chunk> {
  if (!reply.ok || !reply.body) {
    const problem = (await reply.json()) as Chunk;
    throw new Error(problem.error?.message ?? String(reply.status));
  }
  for await (const data of readServerSentEvents(reply.body)) {
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error) {
      throw new Error(chunk.error.message);
    }
    yield chunk;
  }
}

customElements.define("play-ground", PlayGround);
