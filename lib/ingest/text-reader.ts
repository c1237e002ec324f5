/** Why a text does not match its format, in words for the rejects. */
export class FormatMisfit {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** Converts a text of a file to the canonical text of its type, which `text-value` judges. */
export type TextReader = (text: string) => string | FormatMisfit

/** A part of a text, in UTF-16 code units: from the first one to before the last one. */
export type TextPart = { start: number; end: number }
