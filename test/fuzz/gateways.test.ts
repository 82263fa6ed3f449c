import { gatewaysPart } from './gateways-part.ts';
import { testPart } from './test-part.ts';

testPart(gatewaysPart);
