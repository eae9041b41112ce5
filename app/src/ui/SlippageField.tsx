import { useState } from 'react';
import { Field } from './Field';
import { cleanDecimal, readDecimal } from './input';
import { PERCENT_DECIMALS, slippageProblem } from './slippage';

/** Percent as text, and the parts per million that it stands for where it is valid. */
export function useSlippage(initial = '0.5') {
  const [text, setText] = useState(initial);
  const parsed = readDecimal(text, PERCENT_DECIMALS);
  const problem = slippageProblem(parsed);
  return { text, setText, problem, ppm: problem === undefined && parsed.state === 'ok' ? parsed.value : undefined };
}

export function SlippageField({ slippage }: { slippage: ReturnType<typeof useSlippage> }) {
  return (
    <Field
      label="Slippage tolerance"
      value={slippage.text}
      unit="%"
      error={slippage.problem}
      onChange={(next) => slippage.setText(cleanDecimal(slippage.text, next))}
    />
  );
}
