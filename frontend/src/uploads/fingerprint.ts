/** Tells whether a file that was picked after a reload is the one whose upload was interrupted. */

const SAMPLE_BYTES = 64 * 1024;
const SAMPLES = 8;

/**
 * Name, size, time of change, and a hash of samples spread over the file: reading 512 KB, however large it is. A file that
 * cannot be read is told by the rest; sending it says what is wrong.
 */
export async function fingerprint(file: File): Promise<string> {
  let hash = new Hash();
  for (const start of sampleStarts(file.size)) {
    hash = hash.add(await sample(file, start));
  }
  return [file.name, file.size, file.lastModified, hash.text()].join("|");
}

async function sample(file: File, start: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(start, start + SAMPLE_BYTES).arrayBuffer());
  } catch {
    return new Uint8Array();
  }
}

function sampleStarts(size: number): number[] {
  const last = Math.max(0, size - SAMPLE_BYTES);
  const count = last === 0 ? 1 : SAMPLES;
  return Array.from({ length: count }, (_, index) =>
    Math.round((last * index) / Math.max(1, count - 1)),
  );
}

/** Two 32-bit FNV-1a sums from different starts: no secret, only a mark; `crypto.subtle` is missing on plain HTTP. */
class Hash {
  constructor(
    private readonly one = 0x811c9dc5,
    private readonly two = 0x01234567,
  ) {}

  add(bytes: Uint8Array): Hash {
    let { one, two } = this;
    for (const byte of bytes) {
      one = Math.imul(one ^ byte, 0x01000193);
      two = Math.imul(two ^ byte, 0x01000193) + 0x9e3779b9;
    }
    return new Hash(one >>> 0, two >>> 0);
  }

  text(): string {
    return this.one.toString(16).padStart(8, "0") + this.two.toString(16).padStart(8, "0");
  }
}
