import { describeWays } from './relay-suite.ts'
import { POSTFIX } from './ways.ts'

describeWays('postfix.test.ts', POSTFIX)
