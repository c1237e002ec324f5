import type { ViewDetail } from '@/lib/contract/views'
import type { ViewIdentifier } from '@/lib/names/identifiers'

export type ViewPanelProps = { view: ViewIdentifier; detail: ViewDetail; onClose: () => void }
