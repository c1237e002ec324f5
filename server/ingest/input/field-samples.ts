import 'server-only'

const SAMPLES = 3
const MAX_SAMPLE_CHARS = 200
/** A file whose objects have more keys than this is more likely a map with keys of its own. */
const MAX_FIELDS = 10_000

/** The fields of a file, each with its first texts. */
export class FieldSamples {
  readonly #fields = new Map<string, string[]>()

  constructor(names: readonly string[] = []) {
    for (const name of names) this.#fields.set(name, [])
  }

  add(name: string, text: string | null): void {
    let samples = this.#fields.get(name)
    if (samples === undefined) {
      if (this.#fields.size >= MAX_FIELDS) return
      samples = []
      this.#fields.set(name, samples)
    }
    if (text === null || samples.length >= SAMPLES) return
    samples.push(text.length > MAX_SAMPLE_CHARS ? `${text.slice(0, MAX_SAMPLE_CHARS)}…` : text)
  }

  list(): { name: string; samples: string[] }[] {
    return Array.from(this.#fields, ([name, samples]) => ({ name, samples }))
  }
}
