# Everything sets itself up in .venv; nothing has to be installed by hand but Python 3.11 or newer and a C compiler.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := $(shell find native -type f) pyproject.toml .ci/constraints.txt

# model-agent:seed of the trained policies that come with the package
ZOO := bvdp-ppo:1 bvdp_chaotic-ppo:2 hr-ppo:1 bvdp-lqg:0 bvdp_chaotic-lqg:0 hr-lqg:0

LEARNERS := ppo,recurrent_ppo,a2c,trpo,td3,ars,ddpg,tqc,crossq,sac

CLASSICAL := pd,proportional,pi,delayed_feedback,passive_oscillator,adaptive_feedback,phase_pulses,$(PULSES)
PULSES := nonlinear_delayed_feedback,constant,dual_threshold,open_loop,on_off,random
OWN := runs/experiments

# What Python has compiled is kept, whatever the user's settings: the tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test tested test-slow test-slurm test-ray test-trackers test-shells test-page torture crowd lint format type bench benchmark oscillators trained learners classical experiments identified zoo sanitize same-bits clean

help:
	@echo "make demo       train a controller on bursting neurons for a minute and show the result"
	@echo "make test       lint, types and tests"
	@echo "make test-slow  the tests that take minutes"
	@echo "make test-slurm sweeps on a SLURM cluster, which is installed for it where there is none (Debian, root)"
	@echo "make test-ray   sweeps on a Ray cluster of two nodes, which is set up for it on this machine (root)"
	@echo "make test-trackers  runs in MLflow and Weights & Biases, which are installed for it where they are missing"
	@echo "make test-shells  completion and commands in bash, zsh and fish, which are installed for it where they are missing (Debian, root)"
	@echo "make test-page  the page of a comparison in Chromium, which is installed for it where there is none (Debian, root)"
	@echo "make torture    kill runs, fill their disk, close their terminal, and see that they resume; 1,000 strange folders"
	@echo "make crowd      32 runs started at once in one folder"
	@echo "make lint       ruff: style and mistakes"
	@echo "make format     ruff: rewrite in our style"
	@echo "make type       mypy, strict"
	@echo "make bench      how fast this machine is, beside Numba, JAX, Brian 2 and NumPy"
	@echo "make benchmark  every controller and learner on every task: some hours; it can be stopped and gone on with"
	@echo "make oscillators  the tasks of oscillators alone, with short searches and one training of each learner: an hour"
	@echo "make trained    train anew what README says of the defaults: nine runs, ten minutes"
	@echo "make learners   train anew every learner on the regular rhythm, for its table"
	@echo "make classical  measure anew the classical controllers as they are shipped, for their table"
	@echo "make identified  identify the three models anew: the tables and pictures of identified control"
	@echo "make experiments  train and measure anew our own experiments, noise, couplings and sizes"
	@echo "make zoo        train anew the policies that come with the package"
	@echo "make sanitize   the C core under the sanitizers of gcc and clang, and 100,000 sequences of hostile calls"
	@echo "make same-bits  the C core's results on x86-64 and, emulated, on 64-bit Arm, byte by byte"
	@echo "make clean      remove what was built"

# pip, because it takes the CPU build of torch that the constraints name.
.venv/installed: $(SOURCES)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[dev]'
	@touch $@

demo: .venv/installed
	$(BIN)/rldbs train experiment=demo

# Types take one core for most of a minute: beside the tests, so that the other one is not idle meanwhile.
test: lint
	$(MAKE) --no-print-directory --jobs 2 type tested

tested: .venv/installed
	$(BIN)/pytest -n 2 --dist worksteal

test-slow: .venv/installed
	$(BIN)/pytest -m slow

test-slurm: .venv/slurm
	$(BIN)/python -m tests.packages slurm $(BIN)/pytest -m slurm tests/slurm

.venv/slurm: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[slurm]'
	@touch $@

test-ray: .venv/ray
	command -v ip > /dev/null || { apt-get update --quiet && apt-get install --yes --quiet iproute2; }
	$(BIN)/pytest -m ray tests/ray

.venv/ray: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[ray]'
	@touch $@

test-trackers: .venv/trackers
	$(BIN)/pytest tests/trackers

.venv/trackers: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[mlflow,wandb]'
	@touch $@

test-shells: .venv/installed
	$(BIN)/python -m tests.packages shells $(BIN)/pytest -m "slow or not slow" tests/shells

test-page: .venv/installed
	$(BIN)/python -m tests.packages page $(BIN)/pytest tests/compare/test_page_values.py

torture: .venv/installed
	$(BIN)/pytest -m torture -n 2 --dist worksteal -k "not started_at_once" tests/torture tests/strangers

crowd: .venv/installed
	$(BIN)/pytest -m torture -k started_at_once tests/torture

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

type: .venv/installed
	$(BIN)/mypy

# The peers that the core is held against have versions, and an environment, of their own.
.venv-peers/installed: .ci/peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --requirement .ci/peers.txt
	@touch $@

bench: .venv/installed .venv-peers/installed
	$(BIN)/python -m tests.speed --peers .venv-peers/bin/python --write

benchmark: .venv/installed
	$(BIN)/rldbs benchmark report=.ci/benchmark
	$(BIN)/python -m tests.documents benchmark .ci/benchmark/benchmark.md

oscillators: .venv/installed
	$(BIN)/rldbs benchmark 'tasks=[cube,clusters,dbsgym-0,dbsgym-1]' seeds=1 episodes=8 trials=16 folder=runs/oscillators
	cp runs/oscillators/report/benchmark.png .ci/pictures/oscillators.png
	$(BIN)/python -m tests.documents oscillators runs/oscillators/report/benchmark.md

trained: .venv/installed
	$(BIN)/rldbs train -m model=bvdp,bvdp_chaotic,hr agent=ppo seed=0,1,2 hydra/launcher=joblib hydra.sweep.dir=runs/trained
	$(BIN)/python -m tests.trained trained runs/trained

learners: .venv/installed
	$(BIN)/rldbs train -m agent=$(LEARNERS) hydra/launcher=joblib hydra.sweep.dir=runs/learners
	$(BIN)/rldbs train -m agent=dqn,qrdqn stimulus.levels=21 hydra/launcher=joblib hydra.sweep.dir=runs/levels
	$(BIN)/python -m tests.trained learners runs/learners runs/levels

classical: .venv/installed
	rm -rf runs/classical
	$(BIN)/rldbs evaluate -m agent=$(CLASSICAL) model=bvdp,bvdp_chaotic,hr hydra.sweep.dir=runs/classical
	$(BIN)/python -m tests.measured_tables classical runs/classical

# drawn_coupling beside the same at one coupling; noise, couplings and sizes without training again
identified: .venv/installed
	rm -rf runs/identified
	for model in bvdp bvdp_chaotic hr; do \
		$(BIN)/rldbs train agent=lqg model=$$model hydra.run.dir=runs/identified/$$model || exit; done
	cp runs/identified/bvdp/model.png .ci/identified/
	$(BIN)/python -m tests.measured_tables identified runs/identified

experiments: .venv/installed
	rm -rf $(OWN)
	$(BIN)/rldbs train experiment=noisy hydra.run.dir=$(OWN)/noisy-lqg
	$(BIN)/rldbs train experiment=noisy agent=ppo agent.difference_gain=0 steps=700_000 hydra.run.dir=$(OWN)/noisy-ppo
	$(BIN)/rldbs train experiment=drawn_coupling hydra.run.dir=$(OWN)/drawn_coupling
	$(BIN)/rldbs train model=bvdp stimulus.amplitude=0.1 steps=1_500_000 checkpoints.every=100_000 checkpoints.episodes=8 \
	  checkpoints.most_kick=0.1 hydra.run.dir=$(OWN)/one_coupling
	for agent in lqg ppo; do \
	  $(BIN)/rldbs train experiment=rectangular agent=$$agent hydra.run.dir=$(OWN)/rectangular-$$agent || exit; \
	  $(BIN)/rldbs train -m experiment=charge_balanced agent=$$agent seed=0,1,2 hydra/launcher=joblib \
	    hydra.sweep.dir=$(OWN)/charge_balanced-$$agent || exit; \
	done
	$(BIN)/rldbs evaluate -m run=zoo:bvdp-lqg,zoo:bvdp-ppo,$(OWN)/noisy-lqg,$(OWN)/noisy-ppo \
	  recording.relative_noise=0,0.05,0.1,0.2,0.4 hydra.sweep.dir=$(OWN)/noise
	$(BIN)/rldbs evaluate -m run=$(OWN)/drawn_coupling,$(OWN)/one_coupling,zoo:bvdp-ppo,zoo:bvdp-lqg coupling=fixed \
	  model.coupling=0.03,0.05,0.08,0.12,0.16,0.2 hydra.sweep.dir=$(OWN)/coupling
	$(BIN)/rldbs evaluate -m run=zoo:bvdp-lqg,zoo:bvdp-ppo model.neurons=100,1000,2000,5000,10000 hydra.sweep.dir=$(OWN)/size
	$(BIN)/python -m tests.measured_tables experiments $(OWN)

zoo: .venv/installed
	set -e; for pair in $(ZOO); do \
	  name=$${pair%:*}; command="rldbs train model=$${name%-*} agent=$${name#*-} seed=$${pair#*:}"; \
	  rm -rf runs/zoo/$$name rldbs/zoo/$$name; \
	  $(BIN)/$$command hydra.run.dir=runs/zoo/$$name; \
	  $(BIN)/python -m rldbs.runs.add_to_zoo runs/zoo/$$name $$name "$$command"; \
	done

# The core is built in build/ with these, never into the installation.
.venv/cmake: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check 'cmake>=3.26'
	@touch $@

sanitize: .venv/cmake
	$(BIN)/python -m tests.core.sanitize

same-bits: .venv/cmake
	$(BIN)/python -m tests.core.same_bits

clean:
	rm -rf .venv .venv-peers build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -type d -prune -exec rm -rf {} +
