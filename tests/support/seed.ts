// Random tests are the same in every run, so that a failure is about a change; another seed looks further (SLUICE_TEST_SEED=7).
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['SLUICE_TEST_SEED'] ?? 20_261_122) });
