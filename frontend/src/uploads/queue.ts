/** The uploads of one form: files one after another, each with its row, and those that an earlier visit left. */
import { fingerprint } from "./fingerprint";
import { forget, remembered } from "./memory";
import { type Act, Row } from "./row";
import { Transfer } from "./transfer";
import { httpWire, type Wire } from "./wire";

export class Queue {
  private readonly wire: Wire;
  private readonly target: string;
  private readonly left = new Map<string, Row>();
  private last: Promise<unknown> = Promise.resolve();
  private open = 0;
  private location: string | null = null;

  /** `goTo` is called once with the page that shows the files, when all of them are through. */
  constructor(
    private readonly form: HTMLFormElement,
    private readonly list: HTMLElement,
    private readonly template: HTMLTemplateElement,
    private readonly goTo: (location: string) => void,
    wire?: Wire,
  ) {
    const base = form.dataset.parts ?? "";
    const purpose = form.dataset.purpose ?? "";
    const token =
      form.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
    this.target = `${base}#${purpose}`;
    this.wire = wire ?? httpWire(base, { purpose }, token);
    this.showWhatIsLeft();
  }

  /** Whether something would be lost if the page went away now. */
  get isBusy(): boolean {
    return this.open > 0;
  }

  /** Send this file once those before it are through. */
  add(file: File): void {
    let transfer: Transfer | null = null;
    const row = this.row(file.name, file.size, (act) => {
      if (transfer) {
        this.act(act, transfer, row);
      } else {
        row.element.remove();
      }
    });
    row.show({ phase: "queued", sent: 0, problem: null });
    this.last = this.last.then(async () => {
      if (row.element.isConnected) {
        transfer = await this.transfer(file, row);
        await this.run(transfer);
      }
    });
  }

  private async transfer(file: File, row: Row): Promise<Transfer> {
    const mark = await fingerprint(file);
    this.left.get(mark)?.element.remove();
    return new Transfer(file, {
      wire: this.wire,
      target: this.target,
      fingerprint: mark,
      show: (view) => row.show(view),
    });
  }

  private async run(transfer: Transfer): Promise<void> {
    this.open += 1;
    try {
      this.location = (await transfer.run()) ?? this.location;
    } finally {
      this.open -= 1;
    }
    this.goOn();
  }

  /** To the page with the files, unless a row still wants something of the person. */
  private goOn(): void {
    const isOpen = this.list.querySelector("[data-phase=failed], [data-phase=queued]") !== null;
    if (this.location !== null && !this.isBusy && !isOpen) {
      this.goTo(this.location);
    }
  }

  private act(act: Act, transfer: Transfer, row: Row): void {
    const acts: Readonly<Record<Act, () => void>> = {
      pause: () => transfer.pause(),
      resume: () => transfer.resume(),
      again: () => void this.run(transfer),
      cancel: () => {
        void transfer.cancel();
        row.element.remove();
        this.goOn();
      },
      discard: () => {},
    };
    acts[act]();
  }

  private row(name: string, size: number, act: (act: Act) => void): Row {
    const row = new Row(this.form.dataset, this.template, name, size, act);
    this.list.append(row.element);
    return row;
  }

  private showWhatIsLeft(): void {
    for (const upload of remembered(this.target)) {
      const row = this.row(upload.name, upload.size, () => {
        forget(upload.id);
        row.element.remove();
        // Unanswered, it expires by itself.
        this.wire.cancel(upload.id).catch(() => undefined);
      });
      row.showInterrupted(upload.done);
      this.left.set(upload.fingerprint, row);
    }
  }
}
