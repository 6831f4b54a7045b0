import { describeWays } from './relay-suite.ts'
import { OPENSMTPD } from './ways.ts'

describeWays('opensmtpd.test.ts', OPENSMTPD)
