/** Confirmations of a user for a load that would stop without them. Absent: no. */
export type LoadConfirmations = {
  /** Columns that have values in the table may be null in every row, because no file has a field for them. */
  allowNullColumns?: boolean
  /** Points in numbers are those of decimals, although other values of the file have decimals after a comma. */
  allowAmbiguousNumbers?: boolean
  /** Bytes that were loaded into the table before, or that are twice among the files, are appended again. */
  loadAgain?: boolean
}

/** Those that were given, of a request that may have left them out. */
export function pickConfirmations({
  allowNullColumns,
  allowAmbiguousNumbers,
  loadAgain,
}: {
  [Name in keyof LoadConfirmations]: boolean | undefined
}): LoadConfirmations {
  return {
    ...(allowNullColumns !== undefined && { allowNullColumns }),
    ...(allowAmbiguousNumbers !== undefined && { allowAmbiguousNumbers }),
    ...(loadAgain !== undefined && { loadAgain }),
  }
}
