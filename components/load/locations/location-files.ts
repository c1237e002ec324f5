import type { PastLoad } from '@/lib/client/jobs/past-load'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import { sum } from '@/lib/sum'

/** A file of a location or of a URL that the load reads, or all files of a location that match a pattern. */
export type LocationFile = {
  /** The location and the path or the pattern, or the URL, which is also its name. */
  fileName: string
  input: Exclude<RequestedInput, { uploadId: string }>
  /** The name of the file, or of the first one that matches: it decides the format. */
  firstName: string
  /** How many files matched when the pattern was chosen; 1 if the choice is that of an earlier load. */
  fileCount: number
  /** The bytes of all its files; null if the choice is that of an earlier load. */
  sizeBytes: number | null
}

export function toLocationFile(location: string, file: { path: string; sizeBytes: number }): LocationFile {
  const { path, sizeBytes } = file
  return { fileName: `${location}/${path}`, input: { location, path }, firstName: path, fileCount: 1, sizeBytes }
}

export function toLocationPattern(
  location: string,
  match: string,
  found: { files: readonly { path: string }[]; fileCount: number; sizeBytes: number },
): LocationFile {
  const { files, fileCount, sizeBytes } = found
  const [first] = files
  return {
    fileName: `${location}/${match}`,
    input: { location, match },
    firstName: first?.path ?? '',
    fileCount,
    sizeBytes,
  }
}

/** The path of a URL, without its query, decides the format. */
export function toUrlFile(url: string): LocationFile {
  const firstName = URL.canParse(url) ? new URL(url).pathname : url
  return { fileName: url, input: { url }, firstName, fileCount: 1, sizeBytes: null }
}

/** The files of an earlier load that are in locations, or have a URL. */
export function toPastFiles({ files }: Pick<PastLoad, 'files'>): LocationFile[] {
  return files.flatMap(({ name: fileName, input }) => {
    if (input === null || 'uploadId' in input) return []
    if ('url' in input) return [toUrlFile(input.url)]
    const firstName = 'path' in input ? input.path : input.match
    return [{ fileName, input, firstName, fileCount: 1, sizeBytes: null }]
  })
}

export function fileCountOf(files: readonly Pick<LocationFile, 'fileCount'>[]): number {
  return sum(files.map(({ fileCount }) => fileCount))
}

/** The inputs of a load, uploads first. */
export function toInputs({
  files,
  located,
}: {
  files: readonly Pick<PageUpload, 'uploadId'>[]
  located: readonly Pick<LocationFile, 'input'>[]
}): RequestedInput[] {
  return [
    ...files.flatMap(({ uploadId }) => (uploadId === null ? [] : [{ uploadId }])),
    ...located.map(({ input }) => input),
  ]
}
