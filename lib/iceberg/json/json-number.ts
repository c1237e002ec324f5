/**
 * A JSON number kept by its text, for those a JavaScript number would write otherwise than they came:
 * `0.10000000000000000001`, or `1.0` where a reader tells it from `1`.
 */
export class JsonNumber {
  /** As it stands in the document: digits with a point, an exponent or both. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}
