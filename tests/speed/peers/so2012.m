% So, Kent, Grill (2012) in the language of the published program, for GNU Octave: octave --quiet --norc so2012.m
%
% A loop over steps of Euler's method in which every operation takes all ten cells of a nucleus at once, as that program
% has it. It is written anew from the equations, and reads and answers lines of JSON as worker.py does; a kick is a row
% of two, the currents into STN and into TH, and what is told of a step is the mean of s of GPi.

sighup_dumps_octave_core(false); sigterm_dumps_octave_core(false);  % it leaves no file where it is stopped

function p = opened(v, middle, slope)
  p = 1 ./ (1 + exp(-(v - middle) / slope));
end

function d = relaxed(x, target, rate, tau)
  d = rate * (target - x) ./ tau;
end

function rates = th_rates(y, current, gaba)
  v = y(1, :); h = y(2, :); r = y(3, :);
  leak = 0.05 * (v + 70);
  sodium = 3 * opened(v, -37, 7) .^ 3 .* h .* (v - 50);
  potassium = 5 * (0.75 * (1 - h)) .^ 4 .* (v + 75);
  calcium = 5 * opened(v, -60, 6.2) .^ 2 .* r .* v;
  rate_h = 0.128 * exp(-(v + 46) / 18) + 4 * opened(v, -23, 5);
  tau_r = 0.15 * (28 + exp(-(v + 25) / 10.5));
  rates = [current - leak - sodium - potassium - calcium - gaba .* (v + 85);
           relaxed(h, opened(v, -41, -4), 1, 1 ./ rate_h);
           relaxed(r, opened(v, -84, -4), 1, tau_r)];
end

function rates = stn_rates(y, current, gaba)
  v = y(1, :); n = y(2, :); h = y(3, :); r = y(4, :); c = y(5, :); ca = y(6, :);
  b = opened(r, 0.4, 0.1) - 1 / (1 + exp(4));
  slow = opened(v, -80, -26);
  leak = 2.25 * (v + 60);
  sodium = 37 * opened(v, -30, 15) .^ 3 .* h .* (v - 55);
  potassium = 45 * n .^ 4 .* (v + 80);
  low = 0.5 * opened(v, -63, 7.8) .^ 3 .* b .^ 2 .* (v - 140);
  calcium = 2 * c .^ 2 .* (v - 140);
  after = 20 * (v + 80) .* ca ./ (ca + 15);
  rates = [current - leak - sodium - potassium - low - calcium - after - gaba .* (v + 85);
           relaxed(n, opened(v, -32, 8), 0.75, 1 + 100 * slow);
           relaxed(h, opened(v, -39, -3.1), 0.75, 1 + 500 * opened(v, -57, -3));
           relaxed(r, opened(v, -67, -2), 0.2, 7.1 + 17.5 * opened(v, 68, -2.2));
           relaxed(c, opened(v, -20, 8), 0.08, 1 + 10 * slow);
           3.75e-5 * (-calcium - low - 22.5 * ca)];
end

function rates = pallidal_rates(y, current, gaba, ampa)
  v = y(1, :); n = y(2, :); h = y(3, :); r = y(4, :); ca = y(5, :);
  slow = 0.05 + 0.27 * opened(v, -40, -12);
  leak = 0.1 * (v + 65);
  sodium = 120 * opened(v, -37, 10) .^ 3 .* h .* (v - 55);
  potassium = 30 * n .^ 4 .* (v + 80);
  low = 0.5 * opened(v, -57, 2) .^ 3 .* r .* (v - 120);
  calcium = 0.15 * opened(v, -35, 2) .^ 2 .* (v - 120);
  after = 10 * (v + 80) .* ca ./ (ca + 10);
  rates = [current - leak - sodium - potassium - low - calcium - after - gaba .* (v + 85) - ampa .* v;
           relaxed(n, opened(v, -50, 14), 0.1, slow);
           relaxed(h, opened(v, -58, -12), 0.05, slow);
           relaxed(r, opened(v, -70, -2), 1, 30);
           1e-4 * (-calcium - low - 15 * ca)];
end

% A synapse of second order, s' = z: z rises where the cell has spiked, its peak being that of g.
function [s, z] = after_spikes(s, z, fired, g, dt)
  risen = z + dt * (-0.4 * z);
  s = s + dt * z;
  z = risen - dt * 0.04 * s + fired * (g / (5 * exp(-1)));
end

% Twenty-four rows of ten cells: TH v h r, STN v n h r c ca s z, GPe v n h r ca s, GPi v n h r ca s z.
function [state, mean_s] = advance(state, currents, dt, kicks)
  th = state(1:3, :); stn = state(4:9, :); s_stn = state(10, :); z_stn = state(11, :);
  gpe = state(12:16, :); s_gpe = state(17, :); gpi = state(18:22, :); s_gpi = state(23, :); z_gpi = state(24, :);
  steps = rows(kicks);
  mean_s = zeros(1, steps);
  for k = 1:steps
    from_stn = 0.5 * 0.3 * (s_stn + circshift(s_stn, 1));
    from_gpe = 0.5 * (circshift(s_gpe, -1) + circshift(s_gpe, 2));
    to_stn = 0.5 * (s_gpe + circshift(s_gpe, -1));
    before_stn = stn(1, :); before_gpe = gpe(1, :); before_gpi = gpi(1, :);
    th += dt * th_rates(th, currents(1, :) + kicks(k, 2), 1.4 * 0.08 * s_gpi);
    stn += dt * stn_rates(stn, currents(2, :) + kicks(k, 1), to_stn);
    gpe += dt * pallidal_rates(gpe, currents(3, :), from_gpe, from_stn);
    gpi += dt * pallidal_rates(gpi, currents(4, :), from_gpe, from_stn);
    s_gpe += dt * (2 * (1 - s_gpe) .* opened(before_gpe, -37, 2) - 0.04 * s_gpe);
    [s_stn, z_stn] = after_spikes(s_stn, z_stn, before_stn < -10 & stn(1, :) > -10, 0.43, dt);
    [s_gpi, z_gpi] = after_spikes(s_gpi, z_gpi, before_gpi < -10 & gpi(1, :) > -10, 0.3, dt);
    mean_s(k) = mean(s_gpi);
  end
  state = [th; stn; s_stn; z_stn; gpe; s_gpe; gpi; s_gpi; z_gpi];
end

function answer(reply)
  fprintf("%s\n", jsonencode(reply));
  fflush(stdout);
end

% The next request; empty where there is none. fgetl would wait for the line after it.
function request = asked()
  try
    request = jsondecode(input("", "s"));
  catch
    request = [];
  end
end

problem = asked().problem;
state = problem.state; dt = problem.dt;
currents = reshape(problem.current, 10, 4)';
answer(struct("versions", struct("octave", version())));
while ! isempty(request = asked())
  if isfield(request, "kicks")
    [state, means] = advance(state, currents, dt, request.kicks);
    answer(struct("mean", means));
  else
    seconds = zeros(1, request.calls);
    for call = 1:request.calls
      began = tic;
      state = advance(state, currents, dt, zeros(request.steps, 2));
      seconds(call) = toc(began) / request.steps;
    end
    answer(struct("seconds", {num2cell(seconds)}));
  end
end
