import type { Namespace } from '@/lib/names/identifiers'

export type NamespacePanelProps = { catalog: string; namespace: Namespace; onClose: () => void }
