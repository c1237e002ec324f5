import 'server-only'
import type { LoadPreview } from '@/lib/contract/loads/loads'

/** The preview of one of the files of a load, by its name. */
export type FilePreview = LoadPreview & { file: string }
