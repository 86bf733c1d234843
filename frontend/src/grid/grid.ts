/** `<term-grid>`: the concepts of a glossary as a sheet that is edited by keyboard, saved as one types, and undone from the server. */
import { Book, PAGE } from "./book";
import { COLUMNS, MATCHES, placeOf, STATUSES, textOf, Words } from "./columns";
import { Editor } from "./editor";
import { type Blank, changeOf, conceptsOf, isEmpty, laid, removalOf, type Target } from "./edits";
import { Keys } from "./keys";
import { type Conflict, rowOf, type Saved, Saver } from "./saver";
import * as tsv from "./tsv";
import type { Change, DraftState, Page, Problem, Row } from "./types";
import { type Fault, faultKey, type Range, type Spot, View } from "./view";

export class TermGrid extends HTMLElement {
  private readonly book = new Book();
  /** What the server last said of each concept: the sheet may be ahead of it. */
  private readonly truth = new Map<string, Row>();
  private readonly faults = new Map<string, Fault>();
  private readonly asked = new Set<number>();
  private words = new Words({});
  private view!: View;
  private editor!: Editor;
  private saver!: Saver;
  private active: Spot = { line: 0, column: 2 };
  private anchor: Spot = this.active;
  private picked = new Set<number>();
  private blank: Blank = {};
  private conflict: { readonly change: Change; readonly conflict: Conflict } | null = null;
  private drawing = 0;
  private hasFocus = false;
  private loads = 0;

  connectedCallback(): void {
    const words = document.getElementById(this.dataset.words ?? "");
    this.words = new Words(JSON.parse(words?.textContent || "{}") as Record<string, string>);
    const table = this.piece<HTMLTableElement>("table");
    const scroller = this.piece("[data-scroll]");
    this.view = new View(table, scroller, this.book, this.words);
    this.editor = new Editor({
      commit: (text, move) => this.commit(text, move),
      cancel: () => this.draw(),
      key: (event) => this.keys.press(event),
      begin: () => this.begin(),
    });
    this.saver = new Saver(
      {
        url: this.dataset.cellsUrl ?? "",
        token: this.dataset.token ?? "",
        etagOf: (uid) => this.truth.get(uid)?.etag,
        conceptOf: (uid) => this.truth.get(uid)?.concept,
      },
      {
        waiting: (count, tries) => this.sayWaiting(count, tries),
        saved: (result) => this.take(result),
        refused: (change, problem) => this.refuse(change, problem),
        conflict: (change, conflict) => this.clash(change, conflict),
        theirs: (row) => this.keep(row),
        stuck: (message) => this.sayStuck(message),
      },
    );
    this.listen(table, scroller);
    void this.load();
  }

  disconnectedCallback(): void {
    removeEventListener("beforeunload", this.beforeUnload);
  }

  private readonly keys = new Keys({
    spot: () => this.active,
    lines: () => this.book.lines,
    page: () => Math.max(1, this.view.window().last - this.view.window().first - 16),
    go: (spot, extend) => this.go(spot, extend),
    edit: () => this.edit(),
    choose: (letter) => this.choose(letter),
    act: (name) => void this.act(name),
    leave: () => this.piece<HTMLElement>("[data-filter]").focus(),
  });

  private piece<T extends HTMLElement = HTMLElement>(selector: string): T {
    const found = this.querySelector<T>(selector);
    if (!found) {
      throw new Error(`the grid has no ${selector}`);
    }
    return found;
  }

  private listen(table: HTMLTableElement, scroller: HTMLElement): void {
    scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    table.addEventListener("pointerdown", (event) => this.point(event));
    table.addEventListener("dblclick", () => this.edit());
    table.addEventListener("change", (event) => this.pick(event.target));
    table.addEventListener("copy", (event) => this.copy(event));
    table.addEventListener("cut", (event) => {
      if (this.copy(event)) {
        void this.act("clear");
      }
    });
    table.addEventListener("paste", (event) => this.paste(event));
    table.addEventListener("focusin", () => {
      this.hasFocus = true;
    });
    table.addEventListener("focusout", (event) => {
      this.hasFocus = event.relatedTarget instanceof Node && table.contains(event.relatedTarget);
    });
    for (const button of this.querySelectorAll<HTMLElement>("[data-act]")) {
      button.addEventListener("click", () => void this.act(button.dataset.act ?? ""));
    }
    let typing = 0;
    for (const field of this.querySelectorAll("[data-filter], [data-status], [data-changed]")) {
      field.addEventListener("input", () => {
        clearTimeout(typing);
        typing = window.setTimeout(() => void this.load(), 200);
      });
    }
    this.piece("[data-filter]").addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "ArrowDown") {
        event.preventDefault();
        this.go({ line: 0, column: 2 }, false);
      }
    });
    this.piece<HTMLSelectElement>("[data-bulk]").addEventListener("change", (event) => {
      const list = event.target as HTMLSelectElement;
      this.setStatus(list.value);
      list.value = "";
    });
    this.piece<HTMLDialogElement>("dialog").addEventListener("close", () => this.addTerm());
    addEventListener("beforeunload", this.beforeUnload);
  }

  private readonly beforeUnload = (event: BeforeUnloadEvent) => {
    if (this.saver.waiting) {
      event.preventDefault();
    }
  };

  /** Fetches the concepts that the filters ask for, anew. */
  private async load(): Promise<void> {
    const load = ++this.loads;
    const page = await this.fetchPage(0);
    if (!page || load !== this.loads) {
      return;
    }
    this.asked.clear();
    this.asked.add(0);
    this.picked.clear();
    this.book.reset(page.lines ?? []);
    this.fill(page);
    this.toggleAttribute("data-ready", true);
    const last = this.book.lines;
    this.active = { ...this.active, line: Math.min(this.active.line, last) };
    this.anchor = this.active;
    this.piece("[data-total]").textContent = this.words.fill("total", { n: page.total });
    this.draw();
  }

  private async fetchPage(start: number): Promise<Page | null> {
    const query = new URLSearchParams({ start: String(start), limit: String(PAGE) });
    query.set("search", this.piece<HTMLInputElement>("[data-filter]").value.trim());
    query.set("status", this.piece<HTMLSelectElement>("[data-status]").value);
    query.set("changed", String(this.piece<HTMLInputElement>("[data-changed]").checked));
    try {
      const response = await fetch(`${this.dataset.sheetUrl}?${query}`, { redirect: "error" });
      if (!response.ok) {
        throw new Error(`HTTP ${response.status}`);
      }
      return (await response.json()) as Page;
    } catch (error) {
      this.saySaved("bad", this.words.fill("unread", { why: String(error) }));
      return null;
    }
  }

  private fill(page: Page): void {
    for (const row of page.rows) {
      this.truth.set(row.uid, row);
    }
    this.book.fill(page.start, page.rows);
    this.sayState(page);
  }

  private async fetchMissing(first: number, last: number): Promise<void> {
    const starts = this.book.missing(first, Math.min(last, this.book.lines - 1));
    await Promise.all(
      starts
        .filter((start) => !this.asked.has(start))
        .map(async (start) => {
          this.asked.add(start);
          const page = await this.fetchPage(start);
          if (page) {
            this.fill(page);
          } else {
            this.asked.delete(start);
          }
        }),
    );
  }

  private get range(): Range {
    const { active, anchor } = this;
    return {
      first: {
        line: Math.min(active.line, anchor.line),
        column: Math.min(active.column, anchor.column),
      },
      last: {
        line: Math.max(active.line, anchor.line),
        column: Math.max(active.column, anchor.column),
      },
    };
  }

  /** Draws in the next frame, however often it is asked. */
  private draw(): void {
    if (this.drawing || this.editor.isEditing) {
      return;
    }
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this.drawNow();
    });
  }

  private drawNow(): void {
    if (this.editor.isEditing) {
      return;
    }
    const { first, last } = this.view.window();
    const hadFocus = this.hasFocus;
    const { active, range, picked, blank, faults } = this;
    this.view.draw({ active, range, picked, blank, faults });
    const cell = this.view.cell(active);
    if (cell) {
      this.editor.place(cell, this.labelOf(active), hadFocus);
    }
    const starts = this.book.concepts
      ? this.book.missing(first, Math.min(last, this.book.lines - 1))
      : [];
    if (starts.some((start) => !this.asked.has(start))) {
      void this.fetchMissing(first, last).then(() => this.draw());
    }
  }

  private labelOf(spot: Spot): string {
    const key = COLUMNS[spot.column]?.key ?? "";
    const text = this.textAt(spot.line, spot.column) || this.words.of("empty");
    return this.words.fill("cell", { column: this.words.of(key), n: spot.line + 1, text });
  }

  private textAt(line: number, column: number): string {
    const shape = COLUMNS[column];
    if (!shape) {
      return "";
    }
    if (line >= this.book.lines) {
      return this.blank[shape.key] ?? "";
    }
    const { index, place } = this.book.line(line);
    const concept = this.book.row(index)?.concept;
    return concept ? textOf(shape, concept, place, this.words) : "";
  }

  private go(spot: Spot, extend: boolean): void {
    const line = Math.max(0, Math.min(this.book.lines, spot.line));
    const column = Math.max(0, Math.min(COLUMNS.length - 1, spot.column));
    this.active = { line, column };
    if (!extend) {
      this.anchor = this.active;
    }
    this.hasFocus = true;
    this.view.reveal(line);
    this.drawNow();
    this.view.cell(this.active)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  private point(event: PointerEvent): void {
    const target = event.target as HTMLElement;
    const cell = target.closest<HTMLElement>("td[data-line]");
    if (!cell || target.matches("[data-editing]")) {
      return;
    }
    // The input in the cell takes the focus itself.
    event.preventDefault();
    if (this.editor.isEditing) {
      this.editor.input.blur();
    }
    this.go(
      { line: Number(cell.dataset.line), column: Number(cell.dataset.column) },
      event.shiftKey,
    );
  }

  private pick(target: EventTarget | null): void {
    if (target instanceof HTMLInputElement && target.dataset.pick) {
      const line = Number(target.dataset.pick);
      if (target.checked) {
        this.picked.add(line);
      } else {
        this.picked.delete(line);
      }
      this.draw();
    }
  }

  /** The lines that a command is about: those that are picked, else those of the range. */
  private get lines(): number[] {
    if (this.picked.size) {
      return [...this.picked];
    }
    const { first, last } = this.range;
    return Array.from({ length: last.line - first.line + 1 }, (_, n) => first.line + n);
  }

  private edit(): void {
    const column = COLUMNS[this.active.column];
    if (!column || column.isFixed || !this.isThere(this.active.line)) {
      return;
    }
    if (column.kind === "flag") {
      const text = this.textAt(this.active.line, this.active.column);
      this.put([{ ...this.active, text: this.words.of(text ? "no" : "yes") }]);
      return;
    }
    const cell = this.view.cell(this.active);
    if (cell) {
      this.editor.place(cell, this.labelOf(this.active), true);
    }
    const fault = cell?.hasAttribute("aria-invalid") ? (cell.firstChild?.textContent ?? "") : null;
    const text = fault ?? this.textAt(this.active.line, this.active.column);
    const values = column.kind === "status" ? STATUSES : column.kind === "match" ? MATCHES : [];
    this.editor.open(
      column,
      text,
      values.map((value) => [value, this.words.of(value)] as const),
    );
  }

  private choose(letter: string): void {
    const kind = COLUMNS[this.active.column]?.kind;
    const values: readonly string[] = kind === "status" ? STATUSES : MATCHES;
    const begins = (text: string) => text.toLowerCase().startsWith(letter.toLowerCase());
    const found = values.find((value) => begins(value) || begins(this.words.of(value)));
    if (found) {
      this.put([{ ...this.active, text: this.words.of(found) }]);
    }
  }

  /** Whether the active cell can be typed into. */
  private begin(): boolean {
    const column = COLUMNS[this.active.column];
    const isFree =
      column &&
      !column.isFixed &&
      (column.kind === "text" || column.kind === "list" || column.kind === "flag");
    return Boolean(isFree && this.isThere(this.active.line));
  }

  private isThere(line: number): boolean {
    return line >= this.book.lines || Boolean(this.book.row(this.book.line(line).index)?.concept);
  }

  private commit(text: string, move: "down" | "up" | "right" | "left" | "stay"): void {
    if (text !== this.textAt(this.active.line, this.active.column)) {
      this.put([{ ...this.active, text }]);
    }
    const { line, column } = this.active;
    const next = {
      down: { line: line + 1, column },
      up: { line: line - 1, column },
      right: { line, column: column + 1 },
      left: { line, column: column - 1 },
      stay: { line, column },
    }[move];
    if (move === "stay") {
      this.draw();
    } else {
      this.go(next, false);
    }
  }

  /** Shows texts in their cells at once, and sends them. */
  private put(targets: readonly Target[]): void {
    const last = this.book.lines;
    const alone = targets.length === 1 && targets[0]?.line === last ? targets[0] : null;
    if (alone) {
      this.fillBlank(alone);
      return;
    }
    for (const target of targets) {
      this.forgive(target.line, target.column);
    }
    this.send(
      changeOf(this.book, targets, this.words, this.lastLang, (uid, concept) =>
        this.book.show(uid, concept),
      ),
    );
  }

  /** The blank line at the end becomes a concept with its term. */
  private fillBlank({ column, text }: Target): void {
    this.blank = { ...this.blank, [COLUMNS[column]?.key ?? ""]: text };
    const made = conceptsOf([this.blank], this.words, this.lastLang);
    if (made.length) {
      this.blank = {};
      this.send({ new: made });
    }
    this.draw();
  }

  /** The language of a line that names none: the one above. */
  private get lastLang(): string {
    const last = this.book.lines - 1;
    const line = last >= 0 ? this.book.line(Math.min(this.active.line, last)) : null;
    const term = line && this.book.row(line.index)?.concept?.terms[line.place];
    return term?.lang ?? this.dataset.lang ?? "en";
  }

  private forgive(line: number, column: number): void {
    if (line < this.book.lines) {
      const { index, place } = this.book.line(line);
      const uid = this.book.row(index)?.uid ?? "";
      const key = COLUMNS[column]?.key ?? "";
      this.faults.delete(faultKey(uid, place, key));
      this.faults.delete(faultKey(uid, null, key));
    }
  }

  private send(change: Change): void {
    if (!isEmpty(change)) {
      this.saver.add(change);
    }
    this.draw();
  }

  private setStatus(status: string): void {
    const column = COLUMNS.findIndex((each) => each.key === "status");
    const lines = this.lines.filter((line) => line < this.book.lines);
    if (status && lines.length) {
      this.put(lines.map((line) => ({ line, column, text: status })));
      this.say(this.words.fill("bulk-done", { n: lines.length, status: this.words.of(status) }));
    }
  }

  private copy(event: ClipboardEvent): boolean {
    if (this.editor.isEditing || !event.clipboardData) {
      return false;
    }
    const { first, last } = this.range;
    const block: string[][] = [];
    for (let line = first.line; line <= last.line; line++) {
      const cells: string[] = [];
      for (let column = first.column; column <= last.column; column++) {
        cells.push(this.textAt(line, column));
      }
      block.push(cells);
    }
    event.clipboardData.setData("text/plain", tsv.format(block));
    event.preventDefault();
    return true;
  }

  private paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain");
    if (this.editor.isEditing || !text) {
      return;
    }
    event.preventDefault();
    const { first, last } = this.range;
    const size = { lines: last.line - first.line + 1, columns: last.column - first.column + 1 };
    void this.lay(laid(tsv.parse(text), first, size));
  }

  private async lay(targets: readonly Target[]): Promise<void> {
    const lines = targets.map((target) => target.line);
    await this.fetchMissing(Math.min(...lines), Math.max(...lines));
    this.put(targets);
    this.say(this.words.fill("pasted", { n: targets.length }));
  }

  private async act(name: string): Promise<void> {
    const { first, last } = this.range;
    switch (name) {
      case "undo":
      case "redo":
        await this.move(name);
        break;
      case "new":
        this.go({ line: this.book.lines, column: 2 }, false);
        this.edit();
        break;
      case "term":
        this.piece<HTMLDialogElement>("dialog").showModal();
        break;
      case "delete":
        this.send(removalOf(this.book, this.lines));
        this.picked.clear();
        break;
      case "clear":
      case "down":
        this.fillRange(name, first, last);
        break;
      case "talk":
        await this.talk();
        break;
      case "close":
        this.piece("[data-panel]").hidden = true;
        break;
      case "retry":
        this.saver.retry();
        break;
      case "mine":
      case "theirs":
        this.decide(name);
        break;
      default:
    }
  }

  private fillRange(name: "clear" | "down", first: Spot, last: Spot): void {
    const targets: Target[] = [];
    const from = name === "down" ? first.line + 1 : first.line;
    for (let line = from; line <= Math.min(last.line, this.book.lines - 1); line++) {
      for (let column = first.column; column <= last.column; column++) {
        const text = name === "down" ? this.textAt(first.line, column) : "";
        targets.push({ line, column, text });
      }
    }
    if (targets.length) {
      this.put(targets);
    }
  }

  /** The dialog's term, added to the concept of the active line. */
  private addTerm(): void {
    const dialog = this.piece<HTMLDialogElement>("dialog");
    const form = dialog.querySelector("form");
    const row =
      this.active.line < this.book.lines
        ? this.book.row(this.book.line(this.active.line).index)
        : null;
    if (dialog.returnValue === "add" && form && row) {
      const data = new FormData(form);
      const [lang, text, status] = ["lang", "text", "status"].map((key) =>
        String(data.get(key) ?? ""),
      );
      this.send({
        edits: [
          {
            uid: row.uid,
            cells: [{ op: "add", lang: lang ?? "", text: text ?? "", status: status ?? "" }],
          },
        ],
      });
      form.reset();
    }
    dialog.returnValue = "";
    this.go(this.active, false);
  }

  private async move(name: "undo" | "redo"): Promise<void> {
    this.saver.retry();
    await this.saver.idle();
    try {
      const response = await fetch(`${this.dataset.moveUrl}${name}`, {
        method: "POST",
        headers: { "x-csrftoken": this.dataset.token ?? "" },
        redirect: "error",
      });
      const said = (await response.json()) as DraftState & {
        readonly error?: Problem;
        readonly uids?: readonly string[];
      };
      if (said.error) {
        this.saySaved("idle", said.error.message);
        return;
      }
      this.faults.clear();
      await this.load();
      const at = said.uids
        ?.map((uid) => this.book.indexOf(uid))
        .find((index) => index !== undefined);
      if (at !== undefined) {
        this.go({ ...this.active, line: this.book.lineOf(at) }, false);
      }
      this.saySaved("ok", this.words.fill(`${name}-done`, { n: said.uids?.length ?? 0 }));
    } catch (error) {
      this.saySaved("bad", this.words.fill("stuck", { why: String(error) }));
    }
  }

  /** Opens what is said of the active concept. */
  private async talk(): Promise<void> {
    const row =
      this.active.line < this.book.lines
        ? this.book.row(this.book.line(this.active.line).index)
        : null;
    if (row) {
      const address = `${this.dataset.talkUrl}?uid=${encodeURIComponent(row.uid)}`;
      const { default: htmx } = await import("htmx.org");
      this.piece("[data-panel]").hidden = false;
      this.piece("[data-panel-title]").textContent = row.uid;
      await htmx.ajax("get", address, {
        target: this.piece("[data-panel-body]"),
        swap: "innerHTML",
      });
    }
  }

  /** The server has it. */
  private take(result: Saved): void {
    for (const row of result.rows) {
      this.keep(row);
    }
    this.sayState(result);
    this.draw();
  }

  private keep(row: Row): void {
    if (row.concept) {
      this.truth.set(row.uid, row);
    } else {
      this.truth.delete(row.uid);
    }
    this.book.take(row);
  }

  /** The server will not have it: the cells say why, and hold what was typed. */
  private refuse(change: Change, problem: Problem): void {
    const { place, key } = placeOf(String(problem.data.field ?? ""));
    const uid = String(problem.data.uid ?? change.edits?.[0]?.uid ?? "");
    const shown = this.truth.get(uid) && key ? this.shownAt(uid, place, key) : "";
    for (const edit of change.edits ?? []) {
      const row = this.truth.get(edit.uid);
      if (row) {
        this.book.take(row);
      }
    }
    if (key) {
      this.faults.set(faultKey(uid, place, key), { text: shown, message: problem.message });
    }
    this.saySaved("bad", this.words.fill("refused", { why: problem.message }));
    this.say(this.words.fill("refused", { why: problem.message }));
    this.draw();
  }

  /** What the sheet shows in a cell that was refused. */
  private shownAt(uid: string, place: number | null, key: string): string {
    const column = COLUMNS.find((each) => each.key === key);
    const index = this.book.indexOf(uid);
    const concept = index === undefined ? null : this.book.row(index)?.concept;
    return column && concept ? textOf(column, concept, place ?? 0, this.words) : "";
  }

  private clash(change: Change, conflict: Conflict): void {
    this.conflict = { change, conflict };
    const edit = change.edits?.find((each) => each.uid === conflict.uid);
    const mine = this.describe(
      edit?.cells.map((cell) =>
        "value" in cell ? cell.value : "text" in cell ? cell.text : "–",
      ) ?? [],
    );
    const theirs = conflict.current
      ? this.describe(edit?.cells.map((cell) => valueAt(conflict, cell)) ?? [])
      : this.words.of("removed");
    this.piece("[data-conflict-text]").textContent = this.words.fill("conflict", {
      uid: conflict.uid,
      by: conflict.by,
      mine,
      theirs,
    });
    this.piece("[data-conflict]").hidden = false;
    this.piece<HTMLElement>("[data-act=mine]").focus();
  }

  private describe(values: readonly unknown[]): string {
    return values.map((value) => this.words.of(String(value ?? ""))).join(", ") || "–";
  }

  private decide(name: "mine" | "theirs"): void {
    const { conflict } = this;
    this.piece("[data-conflict]").hidden = true;
    this.conflict = null;
    if (!conflict) {
      return;
    }
    this.keep(
      conflict.conflict.current
        ? rowOf(conflict.conflict, conflict.conflict.current)
        : {
            ...rowOf(conflict.conflict, {
              uid: "",
              subject_field: null,
              definitions: {},
              note: null,
              source: null,
              terms: [],
            }),
            concept: null,
          },
    );
    if (name === "mine" && conflict.conflict.current) {
      this.send(conflict.change);
    }
    this.go(this.active, false);
  }

  private sayWaiting(count: number, tries: number): void {
    if (tries) {
      this.saySaved("busy", this.words.fill("again", { n: tries }));
    } else if (count) {
      this.saySaved("busy", this.words.of("saving"));
    } else if (this.piece("[data-saved]").dataset.state === "busy") {
      this.saySaved("ok", this.words.of("saved"));
    }
  }

  private sayStuck(why: string): void {
    const words =
      why === "signed-out" ? this.words.of("signed-out") : this.words.fill("stuck", { why });
    this.saySaved("bad", words);
    this.piece("[data-act=retry]").hidden = false;
  }

  private saySaved(state: string, words: string): void {
    const place = this.piece("[data-saved]");
    place.dataset.state = state;
    place.textContent = words;
    this.piece("[data-act=retry]").hidden = true;
  }

  private sayState(state: DraftState): void {
    this.piece<HTMLButtonElement>("[data-act=undo]").disabled = !state.undo;
    this.piece<HTMLButtonElement>("[data-act=redo]").disabled = !state.redo;
    const changed = this.piece("[data-changes]");
    changed.textContent = String(state.draft?.changed ?? 0);
  }

  private say(words: string): void {
    this.piece("[data-live]").textContent = words;
  }
}

function valueAt(conflict: Conflict, cell: { readonly op: string }): unknown {
  const { current } = conflict;
  const said = cell as { op: string; term?: number; field?: string; lang?: string };
  if (!current) {
    return "–";
  }
  if (said.op === "term") {
    return (current.terms[said.term ?? 0] as unknown as Record<string, unknown> | undefined)?.[
      said.field ?? ""
    ];
  }
  if (said.op === "definition") {
    return current.definitions[said.lang ?? ""];
  }
  return (current as unknown as Record<string, unknown>)[said.field ?? ""];
}

customElements.define("term-grid", TermGrid);
