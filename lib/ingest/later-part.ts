/** What the load of a part of a pipe knows from the parts before it. */
export type LaterPart = {
  /** How many fields the records of CSV have that has no header; null: a header says so, or it is not CSV. */
  fieldCount: number | null
}
