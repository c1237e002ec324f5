import { TABLE_CHANGES } from '@/testing/conformance/verbs/table-changes'
import { describeVerbs } from '@/testing/conformance/verbs/verb-suite'
import { createTestHome } from '@/testing/homes/test-home'

describeVerbs(createTestHome(), TABLE_CHANGES)
