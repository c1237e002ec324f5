const EXTENSIONS = /\.(parquet|parq|avro|arrows?|feather|ipc|csv|tsv|ndjson|jsonl|json)(\.(gz|zst|zstd))?$/i

/** A name for the table of a file: that of the file, as a word. */
export function tableNameOf(fileName: string): string {
  const name = fileName.replace(EXTENSIONS, '').replaceAll(/[^\p{L}\p{N}_]+/gu, '_')
  return name.toLowerCase().slice(0, 255)
}
