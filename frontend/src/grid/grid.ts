/** `<term-grid>`: the concepts of a glossary as a sheet that is edited by keyboard, saved as one types, and undone from the server. */
import { Clash } from "./clash";
import { COLUMNS, isTyped, valueBeginning, valuesOf, Words } from "./columns";
import { Editor, type Move } from "./editor";
import { additionOf, isEmpty, laid, removalOf, type Target } from "./edits";
import { Keys } from "./keys";
import { listen } from "./listening";
import { Loader } from "./loader";
import { Notices } from "./notices";
import { piece } from "./pieces";
import { move } from "./requests";
import { type Saved, Saver } from "./saver";
import { Selection } from "./selection";
import { Sheet } from "./sheet";
import { Talk } from "./talk";
import * as tsv from "./tsv";
import type { Change, Problem, Row } from "./types";
import { type Spot, View } from "./view";

export class TermGrid extends HTMLElement {
  private words = new Words({});
  private sheet!: Sheet;
  private notices!: Notices;
  private loader!: Loader;
  private view!: View;
  private editor!: Editor;
  private saver!: Saver;
  private clash!: Clash;
  private talk!: Talk;
  private readonly selection = new Selection();
  private drawing = 0;
  private hasFocus = false;

  connectedCallback(): void {
    const words = document.getElementById(this.dataset.words ?? "");
    this.words = new Words(JSON.parse(words?.textContent || "{}") as Record<string, string>);
    const table = piece<HTMLTableElement>(this, "table");
    const scroller = piece(this, "[data-scroll]");
    this.sheet = new Sheet(this.words, this.dataset.lang ?? "en");
    this.notices = new Notices(this, this.words);
    this.clash = new Clash(this, this.words);
    this.talk = new Talk(this, this.dataset.talkUrl ?? "");
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
        conflict: (change, conflict) => this.clash.ask(change, conflict),
        theirs: (row) => this.keep(row),
        stuck: (message) => this.notices.stuck(message),
      },
    );
    listen(this, table, scroller, {
      scrolled: () => this.draw(),
      pointed: (event) => this.point(event),
      edit: () => this.edit(),
      picked: (target) => this.pick(target),
      copy: (event) => this.copy(event),
      paste: (event) => this.paste(event),
      focused: (isInside) => {
        this.hasFocus = isInside;
      },
      act: (name) => void this.act(name),
      filtered: () => void this.load(),
      enter: () => this.go({ line: 0, column: 2 }, false),
      setStatus: (status) => this.setStatus(status),
      dialogClosed: () => this.addTerm(),
    });
    addEventListener("beforeunload", this.beforeUnload);
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
    leave: () => piece<HTMLElement>(this, "[data-filter]").focus(),
  });

  private readonly beforeUnload = (event: BeforeUnloadEvent) => {
    if (this.saver.waiting) {
      event.preventDefault();
    }
  };

  /** Shows the concepts that the filters ask for, anew. */
  private async load(): Promise<void> {
    const page = await this.loader.begin({
      search: piece<HTMLInputElement>(this, "[data-filter]").value.trim(),
      status: piece<HTMLSelectElement>(this, "[data-status]").value,
      changed: piece<HTMLInputElement>(this, "[data-changed]").checked,
    });
    if (page) {
      this.selection.picked.clear();
      this.toggleAttribute("data-ready", true);
      this.selection.go(this.selection.active, this.sheet.book.lines, false);
      this.draw();
    }
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
    const { active, range, picked } = this.selection;
    const { blank, faults } = this.sheet;
    this.view.draw({ active, range, picked, blank, faults });
    const cell = this.view.cell(active);
    if (cell) {
      this.editor.place(cell, this.sheet.labelOf(active), hadFocus);
    }
    if (this.loader.needs(first, last)) {
      void this.loader.fill(first, last).then(() => this.draw());
    }
  }

  private get active(): Spot {
    return this.selection.active;
  }

  private go(spot: Spot, extend: boolean): void {
    this.selection.go(spot, this.sheet.book.lines, extend);
    this.hasFocus = true;
    this.view.reveal(this.selection.active.line);
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
      this.selection.pick(Number(target.dataset.pick), target.checked);
      this.draw();
    }
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
      this.editor.place(cell, this.sheet.labelOf(this.active), true);
    }
    const fault = cell?.hasAttribute("aria-invalid") ? (cell.firstChild?.textContent ?? "") : null;
    const text = fault ?? this.sheet.textAt(this.active.line, this.active.column);
    this.editor.open(
      column,
      text,
      valuesOf(column).map((value) => [value, this.words.of(value)] as const),
    );
  }

  private choose(letter: string): void {
    const column = COLUMNS[this.active.column];
    const found = column && valueBeginning(column, letter, this.words);
    if (found) {
      this.put([{ ...this.active, text: this.words.of(found) }]);
    }
  }

  /** Whether the active cell can be typed into. */
  private begin(): boolean {
    const column = COLUMNS[this.active.column];
    return Boolean(column && isTyped(column) && this.sheet.isThere(this.active.line));
  }

  private commit(text: string, move: Move): void {
    if (text !== this.sheet.textAt(this.active.line, this.active.column)) {
      this.put([{ ...this.active, text }]);
    }
    if (move === "stay") {
      this.draw();
    } else {
      this.go(this.selection.beside(move), false);
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
    const lines = this.selection.lines.filter((line) => line < this.sheet.book.lines);
    if (status && lines.length) {
      this.put(lines.map((line) => ({ line, column, text: status })));
      const said = { n: lines.length, status: this.words.of(status) };
      this.notices.say(this.words.fill("bulk-done", said));
    }
  }

  private copy(event: ClipboardEvent): boolean {
    if (this.editor.isEditing || !event.clipboardData) {
      return false;
    }
    event.clipboardData.setData("text/plain", tsv.format(this.sheet.block(this.selection.range)));
    event.preventDefault();
    return true;
  }

  private paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain");
    if (this.editor.isEditing || !text) {
      return;
    }
    event.preventDefault();
    void this.lay(laid(tsv.parse(text), this.selection.range));
  }

  private async lay(targets: readonly Target[]): Promise<void> {
    const lines = targets.map((target) => target.line);
    await this.loader.fill(Math.min(...lines), Math.max(...lines));
    this.put(targets);
    this.notices.say(this.words.fill("pasted", { n: targets.length }));
  }

  private async act(name: string): Promise<void> {
    const row = this.sheet.rowAt(this.active.line);
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
        piece<HTMLDialogElement>(this, "dialog").showModal();
        break;
      case "delete":
        this.send(removalOf(this.sheet.book, this.selection.lines));
        this.selection.picked.clear();
        break;
      case "clear":
      case "down":
        this.put(this.sheet.filled(this.selection.range, name));
        break;
      case "talk":
        if (row) {
          await this.talk.open(row.uid);
        }
        break;
      case "close":
        this.talk.close();
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

  /** The dialog's term, added to the concept of the active line. */
  private addTerm(): void {
    const dialog = piece<HTMLDialogElement>(this, "dialog");
    const form = dialog.querySelector("form");
    const row = this.sheet.rowAt(this.active.line);
    if (dialog.returnValue === "add" && form && row) {
      this.send(additionOf(row.uid, new FormData(form)));
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
      const line = this.sheet.book.lineOfAny(said.uids ?? []);
      if (line !== undefined) {
        this.go({ ...this.active, line }, false);
      }
      this.notices.saved("ok", this.words.fill(`${name}-done`, { n: said.uids?.length ?? 0 }));
    } catch (error) {
      this.notices.stuck(String(error));
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

  private decide(name: "mine" | "theirs"): void {
    const decided = this.clash.close();
    if (!decided) {
      return;
    }
    this.keep(decided.theirs);
    if (name === "mine" && decided.theirs.concept) {
      this.send(decided.change);
    }
    this.go(this.active, false);
  }
}

customElements.define("term-grid", TermGrid);
