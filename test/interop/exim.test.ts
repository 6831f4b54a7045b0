import { describeWays } from './relay-suite.ts'
import { EXIM } from './ways.ts'

describeWays('exim.test.ts', EXIM)
