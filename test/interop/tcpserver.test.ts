import { describeWays } from './relay-suite.ts'
import { TCPSERVER } from './ways.ts'

describeWays('tcpserver.test.ts', TCPSERVER)
