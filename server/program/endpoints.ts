import 'server-only'
import { accessEndpoints } from '@/server/endpoints/access'
import { apiDescriptionEndpoints } from '@/server/endpoints/api-description'
import { auditEndpoints } from '@/server/endpoints/audit'
import { bulkChangeEndpoints } from '@/server/endpoints/bulk-changes'
import { catalogEndpoints } from '@/server/endpoints/catalogs'
import { changeEndpoints } from '@/server/endpoints/table/changes'
import { cherryPickEndpoints } from '@/server/endpoints/table/cherry-picks'
import { comparisonEndpoints } from '@/server/endpoints/table/comparison'
import { connectionEndpoints } from '@/server/endpoints/connections'
import { dashboardEndpoints } from '@/server/endpoints/dashboards'
import { expiryEndpoints } from '@/server/endpoints/table/expiry'
import { fileEndpoints } from '@/server/endpoints/table/files'
import { fileBytesEndpoints } from '@/server/endpoints/table/files-bytes'
import { historyEndpoints } from '@/server/endpoints/table/history'
import { historyTableEndpoints } from '@/server/endpoints/history-tables'
import { homeEndpoints } from '@/server/endpoints/home'
import { jobEndpoints } from '@/server/endpoints/jobs'
import { metadataTableEndpoints } from '@/server/endpoints/table/metadata-tables'
import { namespaceEndpoints } from '@/server/endpoints/namespaces'
import { newTableEndpoints } from '@/server/endpoints/table/new-tables'
import { proposalEndpoints } from '@/server/endpoints/proposals'
import { publicationEndpoints } from '@/server/endpoints/table/publications'
import { queryEndpoints } from '@/server/endpoints/queries'
import { queryRunEndpoints } from '@/server/endpoints/query-runs'
import { tableUseEndpoints } from '@/server/endpoints/table/uses'
import { tableClientEndpoints } from '@/server/endpoints/table/clients'
import { tableGrowthEndpoints } from '@/server/endpoints/table/growth'
import { refEndpoints } from '@/server/endpoints/table/refs'
import { scanEndpoints } from '@/server/endpoints/table/scan'
import { searchEndpoints } from '@/server/endpoints/search'
import { sessionEndpoints } from '@/server/endpoints/session'
import { shortcutEndpoints } from '@/server/endpoints/shortcuts'
import { snapshotEndpoints } from '@/server/endpoints/table/snapshots'
import { compressionEndpoints } from '@/server/endpoints/table/compression'
import { cloneEndpoints } from '@/server/endpoints/table/clones'
import { loadLocationEndpoints } from '@/server/endpoints/table/load-locations'
import { loadEndpoints } from '@/server/endpoints/table/loads'
import { savedResultEndpoints } from '@/server/endpoints/table/saved-results'
import { rewriteEndpoints } from '@/server/endpoints/table/rewrites'
import { rowDeletionEndpoints } from '@/server/endpoints/table/row-deletions'
import { tableEndpoints } from '@/server/endpoints/table/tables'
import { tokenEndpoints } from '@/server/endpoints/tokens'
import { uploadEndpoints } from '@/server/endpoints/uploads'
import { viewChangeEndpoints } from '@/server/endpoints/view-changes'
import { viewEndpoints } from '@/server/endpoints/views'
import { warehouseEndpoints } from '@/server/endpoints/warehouse'
import type { ServedEndpoint } from '@/server/http/handle-request'
import type { Services } from '@/server/services'

/** Every endpoint of the contract with its handler. */
export function createEndpoints(services: Services): readonly ServedEndpoint[] {
  return [
    ...accessEndpoints(services),
    ...apiDescriptionEndpoints(services),
    ...auditEndpoints(services),
    ...bulkChangeEndpoints(services),
    ...catalogEndpoints(services),
    ...changeEndpoints(services),
    ...cherryPickEndpoints(services),
    ...comparisonEndpoints(services),
    ...connectionEndpoints(services),
    ...dashboardEndpoints(services),
    ...expiryEndpoints(services),
    ...fileEndpoints(services),
    ...fileBytesEndpoints(services),
    ...historyEndpoints(services),
    ...historyTableEndpoints(services),
    ...homeEndpoints(services),
    ...jobEndpoints(services),
    ...metadataTableEndpoints(services),
    ...namespaceEndpoints(services),
    ...newTableEndpoints(services),
    ...proposalEndpoints(services),
    ...publicationEndpoints(services),
    ...queryEndpoints(services),
    ...queryRunEndpoints(services),
    ...tableClientEndpoints(services),
    ...tableGrowthEndpoints(services),
    ...tableUseEndpoints(services),
    ...refEndpoints(services),
    ...scanEndpoints(services),
    ...searchEndpoints(services),
    ...sessionEndpoints(services),
    ...shortcutEndpoints(services),
    ...snapshotEndpoints(services),
    ...tableEndpoints(services),
    ...compressionEndpoints(services),
    ...loadEndpoints(services),
    ...loadLocationEndpoints(services),
    ...savedResultEndpoints(services),
    ...rewriteEndpoints(services),
    ...rowDeletionEndpoints(services),
    ...cloneEndpoints(services),
    ...tokenEndpoints(services),
    ...uploadEndpoints(services),
    ...viewEndpoints(services),
    ...viewChangeEndpoints(services),
    ...warehouseEndpoints(services),
  ]
}
