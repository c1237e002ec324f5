import { reviewViewRename, renameView } from '@/lib/contract/lifecycle/views'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(reviewViewRename, renameView)
