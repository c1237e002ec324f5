import { VIEWS } from '@/testing/conformance/verbs/views'
import { describeVerbs } from '@/testing/conformance/verbs/verb-suite'
import { createTestHome } from '@/testing/homes/test-home'

describeVerbs(createTestHome(), VIEWS)
