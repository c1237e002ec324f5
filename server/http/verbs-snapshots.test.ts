import { TABLE_SNAPSHOTS } from '@/testing/conformance/verbs/table-snapshots'
import { describeVerbs } from '@/testing/conformance/verbs/verb-suite'
import { createTestHome } from '@/testing/homes/test-home'

describeVerbs(createTestHome(), TABLE_SNAPSHOTS)
