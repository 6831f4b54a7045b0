import { describeWays } from './relay-suite.ts'
import { SENDMAIL } from './ways.ts'

describeWays('sendmail.test.ts', SENDMAIL)
