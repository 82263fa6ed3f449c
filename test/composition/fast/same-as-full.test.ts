import { testPart } from '../../fuzz/test-part.ts';
import { inboundPart } from './inbound-part.ts';

testPart(inboundPart);
