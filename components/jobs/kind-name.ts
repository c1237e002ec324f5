const KIND_NAMES: Readonly<Record<string, string>> = {
  ingest: 'Ingest',
  'tidy-runs': 'Tidying up',
  'tidy-warehouse': 'Tidying up the warehouse',
}

/** A kind of run for people; one that has no name here is told as it is. */
export function kindName(kind: string): string {
  return KIND_NAMES[kind] ?? kind
}
