import { afterEach, describe, expect, it, vi } from "vitest";
import { type Conflict, type Saved, Saver } from "./saver";
import type { Change, Concept, Problem, Row } from "./types";

function concept(note: string | null, source: string | null = null): Concept {
  return { uid: "c1", subject_field: null, definitions: {}, note, source, terms: [] };
}

function row(etag: string, said: Concept = concept("a")): Row {
  return {
    uid: "c1",
    etag,
    concept: said,
    state: "same",
    review: "",
    changed_by: "",
    open_threads: 0,
  };
}

function saved(etag: string): Response {
  return Response.json({ rows: [row(etag)], draft: null, undo: true, redo: false });
}

function refused(status: number, code: string, data: Record<string, unknown>): Response {
  return Response.json({ error: { code, message: `no: ${code}`, data } }, { status });
}

const CHANGE: Change = {
  edits: [{ uid: "c1", cells: [{ op: "concept", field: "note", value: "mine" }] }],
};

/** A saver whose server gives these answers, one after the other; what it sent, and what it said. */
function start(answers: readonly (Response | Error)[]) {
  const truth = new Map([["c1", row("1")]]);
  const sent: Change[] = [];
  const said: string[] = [];
  const left = [...answers];
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)) as Change);
    const answer = left.shift() ?? new Error("nobody answers");
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  });
  const saver = new Saver(
    {
      url: "/cells",
      token: "t",
      etagOf: (uid) => truth.get(uid)?.etag,
      conceptOf: (uid) => truth.get(uid)?.concept,
    },
    {
      waiting: (count, tries) => said.push(`waiting ${count} ${tries}`),
      saved: (result: Saved) => {
        for (const each of result.rows) {
          truth.set(each.uid, each);
        }
        said.push("saved");
      },
      refused: (_change, problem: Problem) => said.push(problem.message),
      conflict: (_change, conflict: Conflict) => said.push(`conflict with ${conflict.by}`),
      theirs: (each: Row) => {
        truth.set(each.uid, each);
        said.push("theirs");
      },
      stuck: (message) => said.push(`stuck: ${message}`),
    },
    async () => undefined,
  );
  return { saver, sent, said };
}

afterEach(() => vi.unstubAllGlobals());

describe("saving", () => {
  it("sends one change after the other, each on what the one before made", async () => {
    const { saver, sent } = start([saved("2"), saved("3")]);
    saver.add(CHANGE);
    saver.add(CHANGE);
    await saver.idle();

    expect(sent.map((change) => change.edits?.[0])).toMatchObject([{ etag: "1" }, { etag: "2" }]);
    expect(saver.waiting).toBe(0);
  });

  it("tries again on a broken line and on a server that is down", async () => {
    const { saver, sent, said } = start([
      new Error("offline"),
      new Response("", { status: 503 }),
      saved("2"),
    ]);
    saver.add(CHANGE);
    await saver.idle();

    expect(sent).toHaveLength(3);
    expect(said).toContain("waiting 1 2");
    expect(said).toContain("saved");
  });

  it("keeps what does not get through, and sends it when it is asked to", async () => {
    const { saver, said } = start([...new Array(6).fill(new Error("offline")), saved("2")]);
    saver.add(CHANGE);
    await saver.idle();
    expect(said).toContain("stuck: offline");
    expect(saver.waiting).toBe(1);

    saver.retry();
    await saver.idle();
    expect(saver.waiting).toBe(0);
  });

  it("gives back what is refused and goes on with the rest", async () => {
    const { saver, said } = start([
      refused(400, "term_invalid", { field: "terms.0.text" }),
      saved("2"),
    ]);
    saver.add(CHANGE);
    saver.add(CHANGE);
    await saver.idle();

    expect(said).toContain("no: term_invalid");
    expect(said).toContain("saved");
  });

  it("goes on top of another's edit of another cell", async () => {
    const theirs = { uid: "c1", by: "alice", etag: "9", current: concept("a", "theirs") };
    const { saver, sent, said } = start([refused(412, "edit_conflict", theirs), saved("10")]);
    saver.add(CHANGE);
    await saver.idle();

    expect(said.filter((each) => !each.startsWith("waiting"))).toEqual(["theirs", "saved"]);
    expect(sent[1]?.edits?.[0]).toMatchObject({ etag: "9" });
  });

  it("asks where another changed the very cell", async () => {
    const theirs = { uid: "c1", by: "alice", etag: "9", current: concept("theirs") };
    const { saver, sent, said } = start([refused(412, "edit_conflict", theirs)]);
    saver.add(CHANGE);
    await saver.idle();

    expect(said).toContain("conflict with alice");
    expect(sent).toHaveLength(1);
  });
});
