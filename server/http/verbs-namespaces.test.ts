import { NAMESPACES } from '@/testing/conformance/verbs/namespaces'
import { describeVerbs } from '@/testing/conformance/verbs/verb-suite'
import { createTestHome } from '@/testing/homes/test-home'

describeVerbs(createTestHome(), NAMESPACES)
