/** A form with `data-upload`: files can be dropped on it, and a bar shows how much has been sent; without script it is a plain form. */
import { behaviour } from "../behaviour";

behaviour("form[data-upload]", (form) => {
  if (!(form instanceof HTMLFormElement)) {
    return;
  }
  const input = form.querySelector<HTMLInputElement>("input[type=file]");
  if (!input) {
    return;
  }
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
    if (event.dataTransfer?.files.length) {
      input.files = event.dataTransfer.files;
      send(form);
    }
  });
  input.addEventListener("change", () => {
    if (input.files?.length) {
      send(form);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.files?.length) {
      send(form);
    } else {
      input.click();
    }
  });
});

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
