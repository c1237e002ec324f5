/**
 * A JSON number stored as text, for numbers that JavaScript would write differently from the source:
 * `0.10000000000000000001`, or `1.0` for readers that distinguish it from `1`.
 */
export class JsonNumber {
  /** As in the document: digits with a point, an exponent or both. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}
