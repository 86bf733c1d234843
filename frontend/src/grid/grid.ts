/** `<term-grid>`: the concepts of a glossary as a sheet that is edited by keyboard, saved as one types, and undone from the server. */
import { question } from "./clash";
import { COLUMNS, MATCHES, STATUSES, Words } from "./columns";
import { Editor } from "./editor";
import { isEmpty, laid, removalOf, type Target } from "./edits";
import { Keys } from "./keys";
import { Loader } from "./loader";
import { Notices } from "./notices";
import { move, showTalk } from "./requests";
import { type Conflict, rowOf, type Saved, Saver } from "./saver";
import { Sheet } from "./sheet";
import * as tsv from "./tsv";
import type { Change, Problem, Row } from "./types";
import { type Range, type Spot, View } from "./view";

export class TermGrid extends HTMLElement {
  private words = new Words({});
  private sheet!: Sheet;
  private notices!: Notices;
  private loader!: Loader;
  private view!: View;
  private editor!: Editor;
  private saver!: Saver;
  private active: Spot = { line: 0, column: 2 };
  private anchor: Spot = this.active;
  private picked = new Set<number>();
  private conflict: { readonly change: Change; readonly conflict: Conflict } | null = null;
  private drawing = 0;
  private hasFocus = false;

  connectedCallback(): void {
    const words = document.getElementById(this.dataset.words ?? "");
    this.words = new Words(JSON.parse(words?.textContent || "{}") as Record<string, string>);
    const table = this.piece<HTMLTableElement>("table");
    const scroller = this.piece("[data-scroll]");
    this.sheet = new Sheet(this.words, this.dataset.lang ?? "en");
    this.notices = new Notices(this, this.words);
    this.loader = new Loader(
      this.dataset.sheetUrl ?? "",
      this.sheet.book,
      (page) => {
        this.sheet.fill(page);
        this.notices.state(page);
        this.notices.total(this.sheet.book.concepts);
      },
      (why) => this.notices.unread(why),
    );
    this.view = new View(table, scroller, this.sheet.book, this.words);
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
        etagOf: (uid) => this.sheet.truth.get(uid)?.etag,
        conceptOf: (uid) => this.sheet.truth.get(uid)?.concept,
      },
      {
        waiting: (count, tries) => this.notices.waiting(count, tries),
        saved: (result) => this.take(result),
        refused: (change, problem) => this.refuse(change, problem),
        conflict: (change, conflict) => this.clash(change, conflict),
        theirs: (row) => this.keep(row),
        stuck: (message) => this.notices.stuck(message),
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
    lines: () => this.sheet.book.lines,
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

  /** Shows the concepts that the filters ask for, anew. */
  private async load(): Promise<void> {
    const page = await this.loader.begin({
      search: this.piece<HTMLInputElement>("[data-filter]").value.trim(),
      status: this.piece<HTMLSelectElement>("[data-status]").value,
      changed: this.piece<HTMLInputElement>("[data-changed]").checked,
    });
    if (page) {
      this.picked.clear();
      this.toggleAttribute("data-ready", true);
      this.active = { ...this.active, line: Math.min(this.active.line, this.sheet.book.lines) };
      this.anchor = this.active;
      this.draw();
    }
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
    const { active, range, picked } = this;
    const { blank, faults } = this.sheet;
    this.view.draw({ active, range, picked, blank, faults });
    const cell = this.view.cell(active);
    if (cell) {
      this.editor.place(cell, this.labelOf(active), hadFocus);
    }
    if (this.loader.needs(first, last)) {
      void this.loader.fill(first, last).then(() => this.draw());
    }
  }

  private labelOf(spot: Spot): string {
    const key = COLUMNS[spot.column]?.key ?? "";
    const text = this.sheet.textAt(spot.line, spot.column) || this.words.of("empty");
    return this.words.fill("cell", { column: this.words.of(key), n: spot.line + 1, text });
  }

  private go(spot: Spot, extend: boolean): void {
    const line = Math.max(0, Math.min(this.sheet.book.lines, spot.line));
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
    if (!column || column.isFixed || !this.sheet.isThere(this.active.line)) {
      return;
    }
    if (column.kind === "flag") {
      const text = this.sheet.textAt(this.active.line, this.active.column);
      this.put([{ ...this.active, text: this.words.of(text ? "no" : "yes") }]);
      return;
    }
    const cell = this.view.cell(this.active);
    if (cell) {
      this.editor.place(cell, this.labelOf(this.active), true);
    }
    const fault = cell?.hasAttribute("aria-invalid") ? (cell.firstChild?.textContent ?? "") : null;
    const text = fault ?? this.sheet.textAt(this.active.line, this.active.column);
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
    return Boolean(isFree && this.sheet.isThere(this.active.line));
  }

  private commit(text: string, move: "down" | "up" | "right" | "left" | "stay"): void {
    if (text !== this.sheet.textAt(this.active.line, this.active.column)) {
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
    this.send(this.sheet.put(targets, this.active.line));
  }

  private send(change: Change): void {
    if (!isEmpty(change)) {
      this.saver.add(change);
    }
    this.draw();
  }

  private setStatus(status: string): void {
    const column = COLUMNS.findIndex((each) => each.key === "status");
    const lines = this.lines.filter((line) => line < this.sheet.book.lines);
    if (status && lines.length) {
      this.put(lines.map((line) => ({ line, column, text: status })));
      this.notices.say(
        this.words.fill("bulk-done", { n: lines.length, status: this.words.of(status) }),
      );
    }
  }

  private copy(event: ClipboardEvent): boolean {
    if (this.editor.isEditing || !event.clipboardData) {
      return false;
    }
    event.clipboardData.setData("text/plain", tsv.format(this.sheet.block(this.range)));
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
    await this.loader.fill(Math.min(...lines), Math.max(...lines));
    this.put(targets);
    this.notices.say(this.words.fill("pasted", { n: targets.length }));
  }

  private async act(name: string): Promise<void> {
    const { first, last } = this.range;
    switch (name) {
      case "undo":
      case "redo":
        await this.move(name);
        break;
      case "new":
        this.go({ line: this.sheet.book.lines, column: 2 }, false);
        this.edit();
        break;
      case "term":
        this.piece<HTMLDialogElement>("dialog").showModal();
        break;
      case "delete":
        this.send(removalOf(this.sheet.book, this.lines));
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
    for (let line = from; line <= Math.min(last.line, this.sheet.book.lines - 1); line++) {
      for (let column = first.column; column <= last.column; column++) {
        const text = name === "down" ? this.sheet.textAt(first.line, column) : "";
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
    const row = this.sheet.rowAt(this.active.line);
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
      const said = await move(this.dataset.moveUrl ?? "", this.dataset.token ?? "", name);
      if (said.error) {
        this.notices.saved("idle", said.error.message);
        return;
      }
      this.sheet.faults.clear();
      await this.load();
      const at = said.uids
        ?.map((uid) => this.sheet.book.indexOf(uid))
        .find((index) => index !== undefined);
      if (at !== undefined) {
        this.go({ ...this.active, line: this.sheet.book.lineOf(at) }, false);
      }
      this.notices.saved("ok", this.words.fill(`${name}-done`, { n: said.uids?.length ?? 0 }));
    } catch (error) {
      this.notices.stuck(String(error));
    }
  }

  /** Opens what is said of the active concept. */
  private async talk(): Promise<void> {
    const row = this.sheet.rowAt(this.active.line);
    if (row) {
      this.piece("[data-panel]").hidden = false;
      this.piece("[data-panel-title]").textContent = row.uid;
      await showTalk(this.dataset.talkUrl ?? "", row.uid, this.piece("[data-panel-body]"));
    }
  }

  /** The server has it. */
  private take(result: Saved): void {
    for (const row of result.rows) {
      this.keep(row);
    }
    this.notices.state(result);
    this.draw();
  }

  private keep(row: Row): void {
    this.sheet.keep(row);
    this.notices.total(this.sheet.book.concepts);
  }

  private refuse(change: Change, problem: Problem): void {
    this.sheet.refuse(change, problem);
    this.notices.refused(problem.message);
    this.draw();
  }

  private clash(change: Change, conflict: Conflict): void {
    this.conflict = { change, conflict };
    this.piece("[data-conflict-text]").textContent = question(change, conflict, this.words);
    this.piece("[data-conflict]").hidden = false;
    this.piece<HTMLElement>("[data-act=mine]").focus();
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
}

customElements.define("term-grid", TermGrid);
