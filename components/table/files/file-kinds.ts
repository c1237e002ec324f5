import type { LiveFile } from '@/lib/contract/table/files'

/** What a file holds, for people. */
export const FILE_KINDS: Record<LiveFile['content'], string> = {
  data: 'data',
  'position-deletes': 'position deletes',
  'equality-deletes': 'equality deletes',
}
