import { scannerPart } from './scanner-part.ts';
import { testPart } from './test-part.ts';

testPart(scannerPart);
