/** Sentences as one text. A full stop is added to a sentence without punctuation at its end. */
export function joinSentences(...sentences: readonly string[]): string {
  return sentences
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')
    .map((sentence) => (/[.!?…:]["'”’)]?$/.test(sentence) ? sentence : `${sentence}.`))
    .join(' ')
}

/** `Spark, Flink, and Trino`. */
export function formatList(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names)
}
