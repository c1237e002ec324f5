import { TABLE_NAMES } from '@/testing/conformance/verbs/table-names'
import { describeVerbs } from '@/testing/conformance/verbs/verb-suite'
import { createTestHome } from '@/testing/homes/test-home'

describeVerbs(createTestHome(), TABLE_NAMES)
