/**
 * A form with `data-upload`: files can be dropped on it, and a bar shows how much has been sent; without script it is a plain
 * form. With `data-parts` large files and several at once go in parts, which survive a reload.
 */
import { behaviour } from "../behaviour";
import { Queue } from "../uploads/queue";

behaviour("form[data-upload]", (form) => {
  if (!(form instanceof HTMLFormElement)) {
    return;
  }
  const input = form.querySelector<HTMLInputElement>("input[type=file]");
  if (!input) {
    return;
  }
  const queue = queueOf(form);
  const take = (files: FileList | null | undefined) => {
    if (!files?.length) {
      return;
    }
    if (queue && goInParts(form, files)) {
      for (const file of files) {
        queue.add(file);
      }
      input.value = "";
    } else {
      if (input.files !== files) {
        input.files = files;
      }
      send(form);
    }
  };
  for (const name of ["dragenter", "dragover"] as const) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.dataset.over = "";
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node && form.contains(event.relatedTarget))) {
      delete form.dataset.over;
    }
  });
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    delete form.dataset.over;
    take(event.dataTransfer?.files);
  });
  input.addEventListener("change", () => take(input.files));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.files?.length) {
      take(input.files);
    } else {
      input.click();
    }
  });
});

/** The uploads in parts of a form that says where they go. */
function queueOf(form: HTMLFormElement): Queue | null {
  const list = form.querySelector<HTMLElement>("[data-transfers]");
  const template = form.querySelector<HTMLTemplateElement>("template[data-transfer]");
  if (!(form.dataset.parts && list && template)) {
    return null;
  }
  const queue = new Queue(form, list, template, (address) => location.assign(address));
  addEventListener("beforeunload", (event) => {
    if (queue.isBusy) {
      event.preventDefault();
    }
  });
  // A list that is brought anew must not take the form away under a file.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (queue.isBusy && event.target instanceof Node && event.target.contains(form)) {
      event.preventDefault();
    }
  });
  return queue;
}

function goInParts(form: HTMLFormElement, files: FileList): boolean {
  const from = Number(form.dataset.partsFrom);
  return files.length > 1 || [...files].some((file) => file.size >= from);
}

/** Sends the form by XMLHttpRequest, the only way a browser tells how much of a body has left. */
function send(form: HTMLFormElement): void {
  if (form.dataset.state === "sending") {
    return;
  }
  form.dataset.state = "sending";
  const request = new XMLHttpRequest();
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) {
      showProgress(form, event.loaded, event.total);
    }
  };
  request.onload = () => {
    // The server answers with the address to go to, or with why not.
    const answer = parse(request.responseText);
    if (request.status < 400 && answer.location) {
      location.assign(answer.location);
      return;
    }
    fail(form, answer.message ?? form.dataset.wordFailed ?? "");
  };
  request.onerror = () => fail(form, form.dataset.wordFailed ?? "");
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.send(new FormData(form));
  showProgress(form, 0, 1);
}

interface UploadAnswer {
  readonly location?: string;
  readonly message?: string;
}

function parse(text: string): UploadAnswer {
  try {
    return JSON.parse(text) as UploadAnswer;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return {};
    }
    throw error;
  }
}

function showProgress(form: HTMLFormElement, loaded: number, total: number): void {
  const bar = form.querySelector("progress");
  const figure = form.querySelector<HTMLElement>("[data-figure]");
  if (bar) {
    bar.hidden = false;
    bar.max = total;
    bar.value = loaded;
  }
  if (figure) {
    figure.textContent = `${Math.floor((100 * loaded) / total)}\u202f%`;
  }
}

function fail(form: HTMLFormElement, message: string): void {
  form.dataset.state = "failed";
  const bar = form.querySelector("progress");
  if (bar) {
    bar.hidden = true;
  }
  const figure = form.querySelector<HTMLElement>("[data-figure]");
  if (figure) {
    figure.textContent = message;
  }
  form.reset();
}
