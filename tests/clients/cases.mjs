// The cases of a JavaScript program, run one after the other; `__main__.py` reads what each of them made a client send.
import { createInterface } from "node:readline";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Run every case of `cases` (name: async function), then `done`. */
export async function run(cases, done = async () => {}) {
  for (const [name, body] of Object.entries(cases)) {
    process.stdout.write(`case ${name}\n`);
    await answers.next();
    try {
      await body();
    } catch (error) {
      process.stdout.write(`failed ${String(error.message).replaceAll("\n", " ")}\n`);
    }
  }
  process.stdout.write("done\n");
  await done();
  process.exit(0);
}

/** Await a write that the server or the client must refuse. */
export async function refused(write) {
  const error = await Promise.resolve(write).then(
    () => undefined,
    (reason) => reason,
  );
  if (error === undefined) throw new Error("the write was meant to be refused, and was not");
}
