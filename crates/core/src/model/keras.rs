//! Keras's snippets of the slides and their twins, side by side. Each twin runs as a test, on small data and few epochs.
//!
//! Three things differ. The last layer has no `softmax`: [`CrossEntropy`](crate::cost::Cost::CrossEntropy) takes the logits,
//! which is the same function and stays finite. `compile` is gone: cost and optimiser are arguments of `fit`, so a network
//! can be trained by several. And `decay` is a [`Schedule`](crate::optim::Schedule).
//!
//! # Training and evaluating (blocks 9 and 10)
//!
//! ```python
//! history = model.fit(x_train, y_train, batch_size=64, epochs=20, verbose=1, validation_data=(x_test, y_test))
//! score = model.evaluate(x_test, y_test, verbose=0)
//! ```
//! ```
//! # use gradus::prelude::*;
//! # let (train, test) = Dataset::digits().split(0.8, 0)?;
//! # let mut model = Sequential::input(64).dense(32).batch_norm().activation(Relu).dense(10);
//! # let epochs = 2; // 20
//! let history = model.fit(&train, CrossEntropy, Adam::default(), Fit::epochs(epochs).batch(64).validate(&test))?;
//! let score = model.score(&test)?; // with the cost of `fit`; `evaluate` takes another one
//! # assert_eq!(Some(score.loss), history.last().val_loss);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Learning rate decay and L2 (blocks 10 and 11)
//!
//! ```python
//! model.add(Flatten())
//! model.add(Dense(1024, activation='relu', kernel_regularizer=l2(0.01)))
//! model.add(Dense(10, activation='softmax'))
//! model.compile(loss='categorical_crossentropy', optimizer=Adam(lr=0.0001, decay=1e-6), metrics=['accuracy'])
//! ```
//! ```
//! # use gradus::prelude::*;
//! # let train = Dataset::digits().take(200)?;
//! let mut model = Sequential::input([8, 8, 1])
//!     .flatten()
//!     .dense(1024).activation(Relu).regularizer(l2(0.01))
//!     .dense(10);
//! let fit = Fit::epochs(1).schedule(Schedule::one_over_t(1e-6));
//! model.fit(&train, CrossEntropy, Adam::new(0.0001), fit)?;
//! # Ok::<(), Error>(())
//! ```
//!
//! # L1 on a convolutional network (block 11)
//!
//! ```python
//! model = Sequential()
//! model.add(Conv2D(128, kernel_size=(3, 3), activation='relu', input_shape=(32, 32, 3)))
//! model.add(Conv2D(128, kernel_size=(3, 3), activation='relu'))
//! model.add(Conv2D(128, kernel_size=(3, 3), activation='relu'))
//! model.add(Flatten())
//! model.add(Dense(1024, activation='relu', kernel_regularizer=l1(0.01)))
//! model.add(Dense(10, activation='softmax'))
//! model.compile(loss='categorical_crossentropy', optimizer=Adam(lr=0.0001, decay=1e-6), ...)
//! ```
//! ```
//! # use gradus::prelude::*;
//! # let train = Dataset::classification((0..8 * 972).map(|i| (i as f32).sin()).collect(), [18, 18, 3], vec![3; 8], 10)?;
//! let (filters, units, side) = (128, 1024, 32);
//! # let (filters, units, side) = (8, 64, 18);
//! let mut model = Sequential::input([side, side, 3])
//!     .conv2d(filters, 3).activation(Relu)
//!     .conv2d(filters, 3).activation(Relu)
//!     .conv2d(filters, 3).activation(Relu)
//!     .flatten()
//!     .dense(units).activation(Relu).regularizer(l1(0.01))
//!     .dense(10);
//! let fit = Fit::epochs(1).schedule(Schedule::one_over_t(1e-6));
//! model.fit(&train, CrossEntropy, Adam::new(0.0001), fit)?;
//! # Ok::<(), Error>(())
//! ```
//!
//! # Dropout (block 11)
//!
//! ```python
//! model.add(Conv2D(128, kernel_size=(3, 3), activation='relu'))
//! model.add(Dropout(0.25))
//! model.add(Flatten())
//! model.add(Dense(1024, activation='relu'))
//! model.add(Dropout(0.5))
//! model.add(Dense(10, activation='softmax'))
//! ```
//! ```
//! # use gradus::prelude::*;
//! # let train = Dataset::digits().take(100)?;
//! let (filters, units) = (128, 1024);
//! # let (filters, units) = (8, 64);
//! let mut model = Sequential::input([8, 8, 1])
//!     .conv2d(filters, 3).activation(Relu)
//!     .dropout(0.25)
//!     .flatten()
//!     .dense(units).activation(Relu)
//!     .dropout(0.5)
//!     .dense(10);
//! # model.fit(&train, CrossEntropy, Adam::new(0.0001), Fit::epochs(1))?;
//! # Ok::<(), Error>(())
//! ```
//!
//! # Early stopping (block 11)
//!
//! The slides describe it in words: wait some epochs for the validation loss to improve, keep the best weights.
//!
//! ```python
//! callback = EarlyStopping(monitor='val_loss', patience=3, restore_best_weights=True)
//! model.fit(x_train, y_train, epochs=100, validation_data=(x_test, y_test), callbacks=[callback])
//! ```
//! ```
//! # use gradus::prelude::*;
//! # let (train, test) = Dataset::digits().take(300)?.split(0.5, 0)?;
//! # let mut model = Sequential::input(64).dense(64).activation(Relu).dense(10);
//! let fit = Fit::epochs(100).validate(&test).early_stopping(EarlyStopping::patience(3));
//! # let fit = fit.quiet();
//! let history = model.fit(&train, CrossEntropy, Adam::new(0.01), fit)?;
//! # let best = history.val_loss().into_iter().fold(f64::INFINITY, f64::min);
//! # assert_eq!(model.evaluate(&test, CrossEntropy)?.loss, best);
//! # Ok::<(), Error>(())
//! ```
