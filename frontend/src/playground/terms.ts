/** Marks glossary terms in a model's answer: right forms and forbidden forms, longest first, whole words. */

export interface TermForm {
  readonly text: string;
  readonly status: "preferred" | "admitted" | "deprecated" | "superseded" | "forbidden";
}

export interface Piece {
  readonly text: string;
  readonly status?: TermForm["status"];
}

const CJK = /[\u3400-\u9fff\uf900-\ufaff]/;

/** Cuts `text` into plain pieces and pieces that are terms; an alphabetic term must be a whole word. */
export function cut(text: string, terms: readonly TermForm[]): Piece[] {
  if (terms.length === 0 || text === "") {
    return text === "" ? [] : [{ text }];
  }
  const status = new Map(terms.map((term) => [term.text.toLowerCase(), term.status]));
  const forms = [...status.keys()].sort((a, b) => b.length - a.length).map(pattern);
  const pieces: Piece[] = [];
  let end = 0;
  for (const hit of text.matchAll(new RegExp(forms.join("|"), "giu"))) {
    const found = hit[0];
    const known =
      status.get(found.toLowerCase()) ?? status.get(found.toLowerCase().replace(/e?s$/, ""));
    if (known === undefined) {
      continue;
    }
    if (hit.index > end) {
      pieces.push({ text: text.slice(end, hit.index) });
    }
    pieces.push({ text: found, status: known });
    end = hit.index + found.length;
  }
  if (end < text.length) {
    pieces.push({ text: text.slice(end) });
  }
  return pieces;
}

function pattern(form: string): string {
  const literal = form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return CJK.test(form) ? literal : `(?<![\\p{L}\\p{N}])${literal}(?:s|es)?(?![\\p{L}\\p{N}])`;
}

/** Writes `text` into `host` with each term in a `<mark>`; text nodes only, never markup from the model. */
export function markTerms(host: HTMLElement, text: string, terms: readonly TermForm[]): void {
  const nodes = cut(text, terms).map((piece) => {
    if (piece.status === undefined) {
      return document.createTextNode(piece.text);
    }
    const mark = document.createElement("mark");
    mark.className = "term";
    mark.dataset.status = piece.status;
    mark.title = piece.status;
    mark.textContent = piece.text;
    return mark;
  });
  host.replaceChildren(...nodes);
}
