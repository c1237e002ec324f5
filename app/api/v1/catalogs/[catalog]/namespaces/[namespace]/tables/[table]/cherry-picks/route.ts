import { commitCherryPick, reviewCherryPick } from '@/lib/contract/table/cherry-picks'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(reviewCherryPick, commitCherryPick)
