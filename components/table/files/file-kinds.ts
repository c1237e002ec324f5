import type { LiveFile } from '@/lib/contract/table/files'

/** Labels for the content of a file. */
export const FILE_KINDS: Record<LiveFile['content'], string> = {
  data: 'data',
  'position-deletes': 'position deletes',
  'equality-deletes': 'equality deletes',
}
